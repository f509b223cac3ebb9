// SPDX-License-Identifier: Apache-2.0
// Asks the servers of the kernel option sntp=NAME[,NAME...] what time it is, and sets the wall clock.
#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "kernel/base/init_step.h"
#include "kernel/console/console.h"
#include "kernel/entropy/random.h"
#include "kernel/net/core_lock.h"
#include "kernel/net/sntp/packet.h"
#include "kernel/options/command_line.h"
#include "kernel/platform/platform.h"
#include "kernel/time/synchronisation.h"
#include "lwip/dns.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"

namespace tenon::net::sntp {

namespace {

constexpr Nanoseconds second = 1'000'000'000;
/// A clock that hv or another server has set is corrected by this much at most (ntpd's panic threshold).
constexpr Nanoseconds farthest = 1000 * second;
constexpr std::uint32_t answer_limit_ms = 1000;
// RFC 4330, section 10: at least 15 s apart, and at growing intervals while no server answers.
constexpr std::uint32_t first_retry_s = 15, first_interval_s = 64, longest_interval_s = 1024;

struct Server {
    std::string_view name;
    bool gone = false;  ///< the server has asked not to be asked again
};

/// Every function is called with the core lock held.
class Client {
public:
    /// False: the option names no server.
    bool take_option(std::string_view value);
    void ask();

private:
    void ask_at(const ip_addr_t& address);
    void received(pbuf* packet);
    void accept(const Answer& answer);
    void refuse(Refusal refusal);
    void end_exchange();
    void try_next();
    void ask_in(std::uint32_t seconds) {
        sys_timeout(
            seconds * 1000, [](void* self) { static_cast<Client*>(self)->ask(); }, this);
    }
    static void timed_out(void* self);

    static constexpr std::size_t most_servers = 8;
    std::array<Server, most_servers> servers_{};
    std::size_t count_ = 0, current_ = 0, failed_ = 0;
    std::uint32_t interval_s_ = first_interval_s, retry_s_ = first_retry_s;
    udp_pcb* pcb_ = nullptr;
    Exchange exchange_{};
    std::uint64_t generation_ = 0;  // of the clock, at the question
    Synchronisation state_{};
};

bool Client::take_option(std::string_view value) {
    while (!value.empty()) {
        const std::size_t end = std::min(value.find(','), value.size());
        const std::string_view name = value.substr(0, end);
        value.remove_prefix(std::min(end + 1, value.size()));
        if (name.empty() || name.size() >= state_.server.size() || count_ == servers_.size())
            warn("sntp: '%.*s' is left out: up to %u names of up to %u characters, separated by commas",
                 static_cast<int>(name.size()), name.data(), static_cast<unsigned>(servers_.size()),
                 static_cast<unsigned>(state_.server.size() - 1));
        else
            servers_[count_++] = {name};
    }
    if (count_ != 0) note_synchronisation(state_);
    return count_ != 0;
}

void Client::ask() {
    char name[sizeof state_.server] = {};
    servers_[current_].name.copy(name, sizeof name - 1);
    ip_addr_t address;
    const err_t found = dns_gethostbyname(
        name, &address,
        [](const char*, const ip_addr_t* later, void* self) {
            auto& client = *static_cast<Client*>(self);
            if (later != nullptr)
                client.ask_at(*later);
            else
                client.try_next();
        },
        this);
    if (found == ERR_OK)
        ask_at(address);
    else if (found != ERR_INPROGRESS)
        try_next();
}

void Client::ask_at(const ip_addr_t& address) {
    pcb_ = udp_new_ip_type(IP_GET_TYPE(&address));
    pbuf* question = pbuf_alloc(PBUF_TRANSPORT, packet_size, PBUF_RAM);
    std::uint64_t cookie = 0;
    random_bytes(std::as_writable_bytes(std::span(&cookie, 1)));
    const Request request = make_request(cookie);
    bool sent = false;
    // Connected: lwIP drops packets from other addresses and ports.
    if (pcb_ != nullptr && question != nullptr && udp_connect(pcb_, &address, port) == ERR_OK) {
        udp_recv(
            pcb_,
            [](void* self, udp_pcb*, pbuf* packet, const ip_addr_t*, u16_t) {
                static_cast<Client*>(self)->received(packet);
            },
            this);
        pbuf_take(question, request.data(), request.size());
        generation_ = platform().clock_generation();
        exchange_ = {.cookie = cookie, .sent = monotonic_now(), .received = 0};
        sent = udp_send(pcb_, question) == ERR_OK;
    }
    if (question != nullptr) pbuf_free(question);
    sys_timeout(sent ? answer_limit_ms : 0, timed_out, this);
}

void Client::timed_out(void* self) {
    auto& client = *static_cast<Client*>(self);
    client.state_.silent++;
    note_synchronisation(client.state_);
    client.end_exchange();
    client.try_next();
}

void Client::received(pbuf* packet) {
    exchange_.received = monotonic_now();
    std::array<std::uint8_t, packet_size> bytes;
    const std::size_t size = pbuf_copy_partial(packet, bytes.data(), bytes.size(), 0);
    pbuf_free(packet);
    // The monotonic clock does not count a pause: the answer may be older than it seems.
    if (platform().clock_generation() != generation_) return;
    const auto answer = judge(std::span(bytes).first(size), exchange_);
    if (!answer) return refuse(answer.error());
    const bool vouched_for = state_.answers != 0 || std::string_view(platform().clock_source()) != "tsc";
    const Nanoseconds known = realtime_now();
    const Nanoseconds difference = answer->now > known ? answer->now - known : known - answer->now;
    if (vouched_for && difference > farthest) return refuse(Refusal::too_far);
    accept(*answer);
}

void Client::accept(const Answer& answer) {
    const Nanoseconds now = answer.now + (monotonic_now() - exchange_.received);
    state_.offset = static_cast<std::int64_t>(now - realtime_now());
    set_realtime(now, RealtimeSetter::time_server);
    state_.server = {};
    servers_[current_].name.copy(state_.server.data(), state_.server.size() - 1);
    state_.round_trip = answer.round_trip;
    state_.at = exchange_.received;
    state_.answers++;
    note_synchronisation(state_);
    log("sntp: the wall clock was wrong by %lld us", static_cast<long long>(state_.offset / 1000));
    end_exchange();
    failed_ = 0;
    retry_s_ = first_retry_s;
    ask_in(interval_s_);
    interval_s_ = std::min(interval_s_ * 2, longest_interval_s);
}

void Client::refuse(Refusal refusal) {
    state_.refused++;
    state_.last_refusal = text_of(refusal);
    note_synchronisation(state_);
    if (may_be_forged(refusal)) return;
    if (refusal == Refusal::kiss_of_death) servers_[current_].gone = true;
    end_exchange();
    try_next();
}

void Client::end_exchange() {
    sys_untimeout(timed_out, this);
    if (pcb_ != nullptr) udp_remove(pcb_);
    pcb_ = nullptr;
}

void Client::try_next() {
    const bool any =
        std::any_of(servers_.begin(), servers_.begin() + count_, [](const Server& server) { return !server.gone; });
    if (!any) return warn("sntp: all servers have asked not to be asked again; the wall clock is not set any more");
    do current_ = (current_ + 1) % count_;
    while (servers_[current_].gone);
    if (++failed_ < count_) return ask();
    if (state_.answers == 0 && retry_s_ == first_retry_s)
        warn("sntp: no server has given a usable answer (%s); the next attempt is in %u s",
             state_.last_refusal != nullptr ? state_.last_refusal : "there was no answer", retry_s_);
    failed_ = 0;
    ask_in(retry_s_);
    retry_s_ = std::min(retry_s_ * 2, longest_interval_s);
}

void start() {
    const auto option = kernel_option("sntp");
    if (!option) return;
    static Client client;
    const CoreLock lock;
    if (client.take_option(*option)) client.ask();
}
TENON_INIT_STEP(services, start);

}  // namespace

}  // namespace tenon::net::sntp
