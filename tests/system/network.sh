# SPDX-License-Identifier: Apache-2.0
# User-mode networking and TAP, with curl as the client. Namespaces are made here and removed here.

code_of_page() { curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' "$@"; }
user_network() {
    start web --net user,0:80 "$images/httpd.elf"
    local url
    url=$(sed -n 's#.*\(http://127.0.0.1:[0-9]*/\).*#\1#p' web.err)
    curl --silent --fail --max-time 10 "$url" >page
    cmp page "$root/images/httpd/files/index.html"
    expect "requests" "$(curl --silent --fail --max-time 10 "${url}stats" | jq .requests)" 2
    expect "unknown page" "$(code_of_page "${url}none")" 404
    expect "out of the root" "$(code_of_page --path-as-is "$url../../etc/passwd")" 404
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "httpd answers over user-mode networking" user_network

# http TEXT: httpd's answer to these bytes, until it closes; without carriage returns.
http() { printf %b "$1" | timeout 20 socat -t 10 STDIO "TCP:$address" | tr -d '\r'; }

as_http_asks() {
    start methods --net user,0:80 "$images/httpd.elf"
    address=$(sed -n 's#.*http://\(127.0.0.1:[0-9]*\)/.*#\1#p' methods.err)
    local last='GET /icon.svg HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' get head answer method
    # HEAD: the head of GET, and nothing of the body, so that the next answer follows.
    get=$(http 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    head=$(http "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n$last")
    expect "head" "$(sed '/^$/q' <<<"$head")" "$(sed '/^$/q' <<<"$get")"
    expect "what follows it" "$(sed '1,/^$/d' <<<"$head" | head -n 1)" "HTTP/1.1 200 OK"
    contains "the icon" "$head" "Content-Type: image/svg+xml"
    expect "HEAD of what is not there" "$(http 'HEAD /none HTTP/1.0\r\n\r\n' | sed -n '1p; /^$/,$p')" \
        "HTTP/1.1 404 Not Found"
    contains "HEAD /stats" "$(http 'HEAD /stats HTTP/1.0\r\n\r\n')" "Content-Type: application/json"
    # HTTP's other methods are not allowed, with a body too, and the connection goes on where it can.
    for method in POST PUT DELETE OPTIONS TRACE PATCH; do
        answer=$(http "$method / HTTP/1.1\r\nHost: x\r\n\r\n$last")
        expect "$method" "$(head -n 1 <<<"$answer")" "HTTP/1.1 405 Method Not Allowed"
        contains "$method" "$answer" "Allow: GET, HEAD"
        contains "after $method" "$answer" "HTTP/1.1 200 OK"
    done
    answer=$(http 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello')
    expect "with a body" "$(head -n 1 <<<"$answer")" "HTTP/1.1 405 Method Not Allowed"
    contains "with a body" "$answer" "Connection: close"
    expect "unknown method" "$(http 'BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' | head -n 1)" \
        "HTTP/1.1 501 Not Implemented"
    expect "of the server" "$(http 'OPTIONS * HTTP/1.0\r\n\r\n' | head -n 1)" "HTTP/1.1 405 Method Not Allowed"
    expect "as to a proxy" "$(http 'GET http://x/ HTTP/1.0\r\n\r\n')" "$get"
    for answer in 'GET / HTTP/1.1\r\n\r\n' 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n' 'GET / HTTP/2.0\r\n\r\n' \
        'G@T / HTTP/1.0\r\n\r\n' \
        'GET * HTTP/1.0\r\n\r\n' 'GET x HTTP/1.0\r\n\r\n' 'GET / HTTP/1.0\r\nA B: c\r\n\r\n'; do
        expect "answer to $answer" "$(http "$answer" | head -n 1)" "HTTP/1.1 400 Bad Request"
    done
    stop "$machine"
}
test_case "httpd answers HEAD, and refuses what it does not serve, as HTTP asks" as_http_asks

page() {
    local text
    text=$(<"$root/images/httpd/files/index.html")
    contains "for a phone" "$text" 'name="viewport" content="width=device-width'
    contains "refreshes" "$text" "setInterval(refresh"
    contains "an icon" "$text" 'rel="icon" href="/icon.svg"'
    [ -s "$root/images/httpd/files/icon.svg" ]
}
test_case "httpd's page refreshes itself, is for phones too, and has an icon" page

# A machine of 16 MiB has the smallest I/O zone: sent data, received data and copies for the disk share 2 MiB.
shared_zone() {
    local number port clients=()
    truncate --size 4M shared.raw
    head -c 6000000 /dev/urandom >sent
    start shared --memory 16M --net user,0:80 --disk shared.raw "$behave" -- busy 4
    port=$(sed -n 's#.*http://127.0.0.1:\([0-9]*\)/.*#\1#p' shared.err)
    for number in 1 2 3 4; do
        timeout 60 socat -t 60 STDIO "TCP:127.0.0.1:$port" <sent >"echoed.$number" &
        clients+=($!)
    done
    for number in 1 2 3 4; do wait "${clients[number - 1]}"; done
    for number in 1 2 3 4; do cmp sent "echoed.$number"; done
    wait "$machine"
    contains "what the guest says" "$(<shared.out)" "echoed 24000000 bytes, disk verified"
}
test_case "network and disk work side by side in the smallest I/O zone" shared_zone

tap_network() {
    with_tap
    tap_machine tap
    in_namespace curl --silent --fail --max-time 10 http://10.0.0.2/ >page
    cmp page "$root/images/httpd/files/index.html"
    in_namespace ping -q -c 3 -i 0.2 -W 2 10.0.0.2 >/dev/null
    stop "$machine"
    expect "exit code" "$status" 0
}
root_case "a network namespace" "httpd answers over TAP with a static address, and ping too" tap_network

tap_ipv6() {
    with_tap
    tap_machine tap6
    local link_local
    link_local() { in_namespace ping -6 -q -c 1 -W 1 "$1%tap0" >/dev/null 2>&1; }
    # The link-local address follows from the MAC address (RFC 4291, appendix A).
    local mac a b c d e f
    mac=$(in_namespace ip neigh show 10.0.0.2 | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p')
    [ -n "$mac" ] || {
        in_namespace curl --silent --max-time 10 --output /dev/null http://10.0.0.2/
        mac=$(in_namespace ip neigh show 10.0.0.2 | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p')
    }
    IFS=: read -r a b c d e f <<<"$mac"
    poll 20 link_local "$(printf 'fe80::%02x%s:%sff:fe%s:%s%s' $((0x$a ^ 2)) "$b" "$c" "$d" "$e" "$f")"
    stop "$machine"
}
root_case "a network namespace" "the guest answers at its IPv6 link-local address" tap_ipv6

reused_port() {
    with_tap
    # The server ends each connection, and so keeps it in TIME_WAIT.
    tap_machine reuse "$images/load.elf" -- touch 1
    local round
    for round in 1 2 3; do
        # It must not end the connection before the server does.
        printf 'GET /1 HTTP/1.1\r\n\r\n' |
            in_namespace timeout 10 socat STDIO,ignoreeof TCP:10.0.0.2:80,sourceport=40000,reuseaddr,connect-timeout=5 \
                >answer
        contains "answer" "$(<answer)" touched
    done
    stop "$machine"
}
root_case "a network namespace" "a client may use its port again at once for a new connection" reused_port

load() {
    local stats packets doorbells
    with_tap
    tap_machine load
    in_namespace wrk -t 1 -c 64 -d 2s http://10.0.0.2/index.html >wrk.out
    cat wrk.out
    not grep -q -e 'Socket errors' -e 'Non-2xx' wrk.out
    stats=$(in_namespace curl --silent --max-time 10 http://10.0.0.2/stats)
    expect "it still answers" "$(jq '.network[0].rx_errors' <<<"$stats")" 0
    # Batching: under load there are far fewer doorbells than packets.
    packets=$(jq '.network[0].tx_packets' <<<"$stats")
    doorbells=$("$hv" stat --run-dir "$RUN" --json load |
        jq '[paths(numbers) as $p | select($p | map(tostring) | join(".") | test("doorbell")) | getpath($p)] | add')
    echo "$packets packets sent, $doorbells doorbells"
    [ "$doorbells" -lt "$packets" ]
    stop "$machine"
}
root_case "a network namespace" "64 connections at once are served without an error, in batches" load

connections() {
    with_tap
    tap_machine churn
    in_namespace wrk -t 1 -c 32 -d 2s -H 'Connection: close' http://10.0.0.2/index.html >wrk.out
    cat wrk.out
    in_namespace curl --silent --fail --max-time 10 http://10.0.0.2/ >page
    cmp page "$root/images/httpd/files/index.html"
    stop "$machine"
}
root_case "a network namespace" "thousands of short connections leave the server answering" connections

half_open_connections() {
    with_tap
    tap_machine flood
    # Eight times as many as a listener takes, and then ten thousand a second without end.
    in_namespace "$root/build/tests/flood" tap0 syn 1000000 2000
    in_namespace curl --silent --fail --max-time 5 http://10.0.0.2/ >page
    cmp page "$root/images/httpd/files/index.html"
    # Not by the function: its subshell would stand between the signal and the flood.
    ip netns exec "$namespace" "$root/build/tests/flood" tap0 syn 10000 >flood.out &
    local flood=$! request slow=0
    for request in 1 2 3 4 5; do
        # A second, unless the host takes that away from the client.
        in_namespace curl --silent --fail --max-time 1 --output /dev/null http://10.0.0.2/ || slow=$((slow + 1))
    done
    kill "$flood"
    wait "$flood"
    echo "$slow of 5 requests were late, $(<flood.out)"
    [ "$slow" -le 1 ]
    # Confirmed connections from before are not dropped.
    between "requests" "$(in_namespace curl --silent --fail --max-time 5 http://10.0.0.2/stats | jq .requests)" \
        $((7 - slow)) 7
    stop "$machine"
}
root_case "a network namespace" "a flood of half-open connections keeps no real one out" half_open_connections
