// SPDX-License-Identifier: Apache-2.0
// Services by name and by port: those of /etc/services if the image has it, else a few well-known ones.
#include <netdb.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

struct Service {
    const char* name;
    std::uint16_t port;
    bool tcp, udp;
};

// RFC 6335's registry.
constexpr Service known_services[] = {
    {"echo", 7, true, true},           {"discard", 9, true, true},      {"daytime", 13, true, true},
    {"ftp", 21, true, false},          {"ssh", 22, true, false},        {"telnet", 23, true, false},
    {"smtp", 25, true, false},         {"time", 37, true, true},        {"domain", 53, true, true},
    {"bootps", 67, false, true},       {"bootpc", 68, false, true},     {"tftp", 69, false, true},
    {"http", 80, true, false},         {"kerberos", 88, true, true},    {"pop3", 110, true, false},
    {"sunrpc", 111, true, true},       {"ntp", 123, false, true},       {"imap2", 143, true, false},
    {"snmp", 161, true, true},         {"ldap", 389, true, true},       {"https", 443, true, true},
    {"submission", 587, true, false},  {"ldaps", 636, true, true},      {"imaps", 993, true, false},
    {"pop3s", 995, true, false},       {"ms-sql-s", 1433, true, false}, {"mysql", 3306, true, false},
    {"postgresql", 5432, true, false}, {"amqp", 5672, true, false},     {"redis", 6379, true, false},
    {"http-alt", 8080, true, true},
};

/// The calling thread's memory for results.
struct Answer {
    servent entry;
    char name[64];
    char protocol[8];
    char* aliases[1];
};

servent* fill(std::string_view name, std::uint16_t port, std::string_view protocol) {
    static thread_local Answer answer;
    if (name.size() >= sizeof(answer.name) || protocol.size() >= sizeof(answer.protocol)) return nullptr;
    answer.name[name.copy(answer.name, sizeof(answer.name) - 1)] = 0;
    answer.protocol[protocol.copy(answer.protocol, sizeof(answer.protocol) - 1)] = 0;
    answer.aliases[0] = nullptr;
    answer.entry = {answer.name, answer.aliases, htons(port), answer.protocol};
    return &answer.entry;
}

/// The words of a line up to a comment.
class Words {
public:
    explicit Words(std::string_view line) : rest_(line.substr(0, line.find('#'))) {}
    std::string_view next() {
        constexpr std::string_view space = " \t\r\n";
        rest_.remove_prefix(std::min(rest_.find_first_not_of(space), rest_.size()));
        const std::string_view word = rest_.substr(0, rest_.find_first_of(space));
        rest_.remove_prefix(word.size());
        return word;
    }

private:
    std::string_view rest_;
};

/// Calls look(name, alias or name, port, protocol) for each name of each line; its first answer is the result.
template <typename Look>
servent* search_file(std::FILE* file, Look&& look) {
    std::array<char, 512> line;
    servent* found = nullptr;
    while (found == nullptr && std::fgets(line.data(), line.size(), file) != nullptr) {
        Words words(line.data());
        const std::string_view name = words.next(), place = words.next();
        const std::size_t slash = place.find('/');
        if (slash == std::string_view::npos) continue;
        const int port = std::atoi(place.data());
        if (port <= 0 || port > 65535) continue;
        for (std::string_view each = name; !each.empty() && found == nullptr; each = words.next())
            found = look(name, each, static_cast<std::uint16_t>(port), place.substr(slash + 1));
    }
    std::fclose(file);
    return found;
}

template <typename Look>
servent* search(Look&& look) {
    if (std::FILE* file = std::fopen("/etc/services", "r"); file != nullptr) return search_file(file, look);
    for (const Service& service : known_services) {
        servent* found = service.tcp ? look(service.name, service.name, service.port, "tcp") : nullptr;
        if (found == nullptr && service.udp) found = look(service.name, service.name, service.port, "udp");
        if (found != nullptr) return found;
    }
    return nullptr;
}

}  // namespace

extern "C" {

servent* getservbyname(const char* name, const char* protocol) {
    return search(
        [&](std::string_view official, std::string_view each, std::uint16_t port, std::string_view by) -> servent* {
            return each == name && (protocol == nullptr || by == protocol) ? fill(official, port, by) : nullptr;
        });
}

servent* getservbyport(int port, const char* protocol) {
    const std::uint16_t wanted = ntohs(static_cast<std::uint16_t>(port));
    return search(
        [&](std::string_view official, std::string_view, std::uint16_t each, std::string_view by) -> servent* {
            return each == wanted && (protocol == nullptr || by == protocol) ? fill(official, each, by) : nullptr;
        });
}

}  // extern "C"
