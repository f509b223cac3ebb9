// SPDX-License-Identifier: Apache-2.0
// Collects search domains from lwIP's DHCP client and its router advertisements.
#include "kernel/net/search_list.h"

#include <algorithm>

#include "hooks.h"
#include "kernel/net/core_lock.h"
#include "kernel/time/clock.h"
#include "lwip/pbuf.h"

namespace tenon::net {
namespace {

constexpr std::uint8_t option_domain_name = 15, option_domain_search = 119;
constexpr std::size_t largest_option = 512;  // RFC 3396: a long one comes in parts; what exceeds this is ignored
constexpr Nanoseconds second = 1'000'000'000, for_ever = UINT64_MAX;
constexpr std::uint32_t infinite_lifetime = 0xFFFF'FFFF;

/// The options of the DHCP message that lwIP reads.
struct Reply {
    std::array<std::uint8_t, largest_option> search;
    std::size_t search_size = 0;
    DomainName domain;
};

struct Advertised {
    DomainName domain;
    Nanoseconds until = 0;
};

// With the core lock held.
constinit Reply reply{};
constinit SearchList leased{};
constinit std::array<Advertised, most_search_domains> advertised{};

std::span<std::uint8_t> copy_out(const pbuf& from, u16_t offset, u16_t size, std::span<std::uint8_t> to) {
    size = static_cast<u16_t>(std::min<std::size_t>(size, to.size()));
    return to.first(pbuf_copy_partial(&from, to.data(), size, offset));
}

void advertise(const DomainName& domain, Nanoseconds until, Nanoseconds now) {
    const auto is_known = [&](const Advertised& entry) { return entry.until > now && entry.domain == domain; };
    auto place = std::ranges::find_if(advertised, is_known);
    if (place == advertised.end())
        place = std::ranges::find_if(advertised, [&](const Advertised& entry) { return entry.until <= now; });
    // Full: the first come stay.
    if (place != advertised.end()) *place = {domain, until};
}

void add(const DomainName& domain, SearchList& list) {
    const auto listed = std::span(list.domains).first(list.count);
    if (list.count == most_search_domains || std::ranges::find(listed, domain) != listed.end()) return;
    list.domains[list.count++] = domain;
}

}  // namespace

void get_search_list(SearchList& list) {
    const CoreLock lock;
    list = leased;
    const Nanoseconds now = monotonic_now();
    for (const Advertised& entry : advertised)
        if (entry.until > now) add(entry.domain, list);
}

}  // namespace tenon::net

using namespace tenon::net;

void tenon_net_dhcp_reply() { reply = {}; }

void tenon_net_dhcp_option(u8_t option, const pbuf* packet, u16_t offset, u16_t size) {
    if (option == option_domain_search) {
        reply.search_size += copy_out(*packet, offset, size, std::span(reply.search).subspan(reply.search_size)).size();
    } else if (option == option_domain_name) {
        std::array<std::uint8_t, UINT8_MAX> text;
        DomainName domain;
        if (read_domain_text(copy_out(*packet, offset, size, text), domain)) reply.domain = domain;
    }
}

void tenon_net_dhcp_accepted() {
    SearchList list;
    list.count = read_domain_names(std::span(reply.search).first(reply.search_size), list.domains);
    if (list.count == 0 && !reply.domain.text().empty()) list.domains[list.count++] = reply.domain;
    if (list.count != 0) leased = list;
}

void tenon_net_search_list_advertised(const pbuf* packet, u16_t offset, u16_t size, u32_t lifetime) {
    std::array<std::uint8_t, largest_option> bytes;
    std::array<DomainName, most_search_domains> domains;
    const std::size_t count = read_domain_names(copy_out(*packet, offset, size, bytes), domains);
    const tenon::Nanoseconds now = tenon::monotonic_now();
    const tenon::Nanoseconds until = lifetime == infinite_lifetime ? for_ever : now + lifetime * second;
    for (const DomainName& domain : std::span(domains).first(count)) advertise(domain, until, now);
}
