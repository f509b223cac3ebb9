// SPDX-License-Identifier: Apache-2.0
// Finding addresses by name and names by address, with c-ares: one channel for each call, so that threads share no
// state, and each call asks the current servers.
#include "userland/posix/net/resolver.h"

#include <ares.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "kernel/net/core_lock.h"
#include "kernel/net/search_list.h"
#include "lwip/dns.h"
#include "userland/posix/net/resolver_sockets.h"

namespace tenon::posix {
namespace {

constexpr int first_timeout_ms = 2000, attempts = 3;
constexpr std::size_t server_text = INET6_ADDRSTRLEN + 1;

/// Name servers of the interface (--ip, DHCP, router advertisements), as c-ares takes them: with commas in between.
std::size_t interface_servers(std::span<char> text) {
    std::size_t size = 0;
    const net::CoreLock lock;
    for (u8_t i = 0; i < DNS_MAX_SERVERS; ++i) {
        const ip_addr_t* server = dns_getserver(i);
        if (ip_addr_isany(server) || size + server_text > text.size()) continue;
        if (size != 0) text[size++] = ',';
        ipaddr_ntoa_r(server, text.data() + size, static_cast<int>(text.size() - size));
        size += std::strlen(text.data() + size);
    }
    return size;
}

class Channel {
public:
    Channel() {
        ares_options options{};
        options.flags = ARES_FLAG_EDNS;
        options.timeout = first_timeout_ms;
        options.tries = attempts;
        int given = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES;
        // What the network says counts only if there is no /etc/resolv.conf.
        const bool by_network = access("/etc/resolv.conf", R_OK) != 0;
        net::SearchList search;
        std::array<char*, net::most_search_domains> domains;
        if (by_network) net::get_search_list(search);
        if (search.count != 0) {
            for (std::size_t i = 0; i < search.count; ++i) domains[i] = const_cast<char*>(search.domains[i].c_str());
            options.domains = domains.data();
            options.ndomains = static_cast<int>(search.count);
            given |= ARES_OPT_DOMAINS;
        }
        status_ = ares_init_options(&channel_, &options, given);
        if (status_ != ARES_SUCCESS || !by_network) return;
        ares_set_socket_functions(channel_, &resolver_sockets, nullptr);
        std::array<char, DNS_MAX_SERVERS * server_text + 1> servers{};
        has_servers_ = interface_servers(servers) != 0;
        if (has_servers_) status_ = ares_set_servers_csv(channel_, servers.data());
    }
    ~Channel() {
        if (channel_ != nullptr) ares_destroy(channel_);
    }
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    [[nodiscard]] ares_channel get() const { return channel_; }
    [[nodiscard]] int status() const { return status_; }
    /// Without a server only /etc/hosts can answer.
    [[nodiscard]] bool has_servers() const { return has_servers_; }

    /// Until `done`.
    void run(const bool& done) const {
        while (!done) {
            ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
            const int wanted = ares_getsock(channel_, sockets, ARES_GETSOCK_MAXNUM);
            pollfd polled[ARES_GETSOCK_MAXNUM];
            nfds_t count = 0;
            for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
                const int events =
                    (ARES_GETSOCK_READABLE(wanted, i) ? POLLIN : 0) | (ARES_GETSOCK_WRITABLE(wanted, i) ? POLLOUT : 0);
                if (events != 0) polled[count++] = {sockets[i], static_cast<short>(events), 0};
            }
            timeval longest{1, 0}, limit{};
            const timeval* wait = ares_timeout(channel_, &longest, &limit);
            poll(polled, count, static_cast<int>(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000));
            if (count == 0) ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
            for (const pollfd& each : std::span(polled, count))
                ares_process_fd(channel_,
                                (each.revents & (POLLIN | POLLERR | POLLHUP)) != 0 ? each.fd : ARES_SOCKET_BAD,
                                (each.revents & (POLLOUT | POLLERR | POLLHUP)) != 0 ? each.fd : ARES_SOCKET_BAD);
        }
    }

private:
    ares_channel channel_ = nullptr;
    int status_ = ARES_SUCCESS;
    bool has_servers_ = true;
};

int to_eai(int status) {
    switch (status) {
        case ARES_SUCCESS: return 0;
        case ARES_ENOTFOUND:
        case ARES_EBADNAME: return EAI_NONAME;
        case ARES_ENODATA: return EAI_NODATA;
        case ARES_ENOMEM: return EAI_MEMORY;
        case ARES_ENOTIMP:
        case ARES_EFORMERR: return EAI_FAIL;
        default: return EAI_AGAIN;  // no server, no answer, a server that cannot or will not
    }
}

/// A question, and where its answer goes.
template <typename Result>
struct Question {
    Result result;
    bool done = false;
    int status = ARES_SUCCESS;

    /// From c-ares's callback, whose `context` is the question.
    static Question& answered(void* context, int status) {
        auto& question = *static_cast<Question*>(context);
        question.done = true;
        question.status = status;
        return question;
    }
};
using NameQuestion = Question<FoundAddresses&>;
using AddressQuestion = Question<std::span<char>>;

void name_answered(void* context, int status, int, ares_addrinfo* answer) {
    FoundAddresses& found = NameQuestion::answered(context, status).result;
    if (status != ARES_SUCCESS) return;
    const char* canonical = answer->name;
    for (const ares_addrinfo_cname* alias = answer->cnames; alias != nullptr; alias = alias->next)
        canonical = alias->name;
    if (canonical != nullptr) std::snprintf(found.canonical_name, sizeof(found.canonical_name), "%s", canonical);
    for (const ares_addrinfo_node* node = answer->nodes; node != nullptr; node = node->ai_next)
        if (const auto end = read_endpoint(node->ai_addr, node->ai_addrlen, node->ai_family); end) found.add(*end);
    ares_freeaddrinfo(answer);
}

void address_answered(void* context, int status, int, hostent* answer) {
    const std::span<char> name = AddressQuestion::answered(context, status).result;
    if (status == ARES_SUCCESS) std::snprintf(name.data(), name.size(), "%s", answer->h_name);
}

}  // namespace

int resolve_name(const char* host, int family, FoundAddresses& found) {
    const Channel channel;
    if (channel.status() != ARES_SUCCESS) return to_eai(channel.status());
    ares_addrinfo_hints hints{};
    hints.ai_family = family;
    hints.ai_flags = ARES_AI_CANONNAME;
    hints.ai_socktype = SOCK_STREAM;
    NameQuestion question{found};
    ares_getaddrinfo(channel.get(), host, nullptr, &hints, name_answered, &question);
    channel.run(question.done);
    if (question.status == ARES_SUCCESS && found.count == 0) return EAI_NODATA;
    // Without a server the name is unknown for now: there may be one later.
    if (question.status != ARES_SUCCESS && !channel.has_servers()) return EAI_AGAIN;
    return to_eai(question.status);
}

int resolve_address(const Endpoint& address, std::span<char> name) {
    const Channel channel;
    if (channel.status() != ARES_SUCCESS) return to_eai(channel.status());
    if (!channel.has_servers()) return EAI_AGAIN;
    AddressQuestion question{name};
    if (address.is_v4()) {
        ares_gethostbyaddr(channel.get(), ip_2_ip4(&address.address), sizeof(in_addr), AF_INET, address_answered,
                           &question);
    } else {
        const in6_addr six = to_in6(address.address);
        ares_gethostbyaddr(channel.get(), &six, sizeof(six), AF_INET6, address_answered, &question);
    }
    channel.run(question.done);
    return to_eai(question.status);
}

}  // namespace tenon::posix
