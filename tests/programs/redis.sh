# SPDX-License-Identifier: Apache-2.0
# Redis, with its own client and benchmark on the host.
builds_redis() { make --no-print-directory -C "$root" redis; }
test_case "redis: it is built from its source package" builds_redis

# a_free_port: of the host's loopback.
a_free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# start_redis NAME WORDS...: its port is in $port.
start_redis() {
    port=$(a_free_port)
    detach "$1" --memory 256M --net "user,$port:6379" "$images/redis.elf" \
        -- --bind 0.0.0.0 --protected-mode no --save "" \
        "${@:2}"
    poll 20 redis_answers
}
redis() { timeout 20 redis-cli -p "$port" "$@"; }
redis_answers() { [ "$(redis ping 2>/dev/null)" = PONG ]; }

redis_commands() {
    start_redis commands
    expect "set" "$(redis set key "some value")" OK
    expect "get" "$(redis get key)" "some value"
    expect "a number" "$(redis incrbyfloat number 10.5)" 10.5
    expect "a list" "$(redis rpush list a b c; redis lrange list 0 -1)" "$(printf '%s\n' 3 a b c)"
    expect "a sorted set" "$(redis zadd set 2 two 1 one; redis zrange set 0 -1 withscores)" \
        "$(printf '%s\n' 2 one 1 two 2)"
    expect "a script" "$(redis eval 'return redis.call("get", KEYS[1]) .. "!"' 1 key)" "some value!"
    redis set brief x px 50 >/dev/null
    brief_is_gone() { [ -z "$(redis get brief)" ]; }
    poll 10 brief_is_gone
    head -c 3000000 /dev/urandom | base64 -w 0 >large
    expect "a large value" "$(redis -x set large <large && redis get large | tr -d '\n' | md5sum)" \
        "$(echo OK && md5sum <large)"
    contains "how it waits" "$(redis info server)" "multiplexing_api:epoll"
    contains "a wrong command" "$(redis no-such-command)" "ERR unknown command"
    contains "saving in the background" "$(redis bgsave)" "ERR"
}
test_case "redis: commands, scripts, expiry, large values" redis_commands

redis_load() {
    start_redis load
    local sums
    sums=$(redis-benchmark -p "$port" -q -n 5000 -c 8 -P 16 -t set,get,incr,lpush,zadd,mset --csv)
    expect "benchmarks that ended" "$(grep -c '^"[A-Z]' <<<"$sums")" 6
    redis del counter >/dev/null
    redis-benchmark -p "$port" -q -n 2000 -c 20 incr counter >/dev/null
    expect "increments of 20 connections" "$(redis get counter)" 2000
}
test_case "redis: its benchmark, pipelined and with 20 connections; no increment is lost" redis_load
