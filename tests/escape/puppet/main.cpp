// SPDX-License-Identifier: Apache-2.0
// puppet list: the names of all attacks, a line each.
// puppet confined PID BASE IMAGE OUTSIDE NAME: makes the attack in the process PID, a hv whose machine is called
//     "endless"; succeeds if that is refused as the table says.
// puppet free - BASE IMAGE OUTSIDE NAME: makes it in a process that nothing confines; succeeds if the attack does, or
// is
//     not to be tried there. Both print what is wrong.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "tests/escape/puppet/attacks.h"

namespace puppet {
namespace {

/// A process of this user that waits, with a socket that is not bound; it ends with this one.
pid_t start_process() {
    int ready[2];
    if (pipe(ready) != 0) throw std::runtime_error("pipe");
    const pid_t process = fork();
    if (process < 0) throw std::runtime_error("fork");
    char word = 0;
    if (process > 0) {
        close(ready[1]);
        if (read(ready[0], &word, 1) != 1) throw std::runtime_error("a process that is to be attacked has ended");
        return process;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (socket(AF_UNIX, SOCK_STREAM, 0) < 0 || write(ready[1], &word, 1) != 1) _exit(1);
    for (;;) pause();
}

std::string end_of(const Attack& attack, pid_t process, const Place& place) {
    try {
        Puppet puppet(process);
        const long result = attack.make(puppet, place);
        return result < 0 ? std::strerror(static_cast<int>(-result)) : "success";
    } catch (const Killed& end) {
        return end.signal == SIGSYS ? "killed" : "killed by signal " + std::to_string(end.signal);
    }
}

bool expect(const std::string& end, const std::string& expected) {
    if (end == expected) return true;
    std::fprintf(stderr, "%s, expected %s\n", end.c_str(), expected.c_str());
    return false;
}

bool try_confined(const Attack& attack, pid_t hv, const Place& place) {
    return expect(end_of(attack, hv, place), attack.end == killed ? "killed" : std::strerror(attack.end));
}

bool try_free(const Attack& attack, const Place& place) {
    if (attack.free == Free::not_tried || (attack.free == Free::works_for_root && geteuid() != 0)) return true;
    return expect(end_of(attack, start_process(), place), "success");
}

int run(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "list") {
        for (const Attack& attack : attacks()) std::puts(attack.name);
        return 0;
    }
    if (argc != 7) throw std::runtime_error("wrong arguments");
    const Place place{.base = argv[3], .image = argv[4], .outside = argv[5], .victim = start_process()};
    for (const Attack& attack : attacks()) {
        if (std::string_view(argv[6]) != attack.name) continue;
        const bool confined = std::string_view(argv[1]) == "confined";
        return (confined ? try_confined(attack, std::atoi(argv[2]), place) : try_free(attack, place)) ? 0 : 1;
    }
    throw std::runtime_error("no such attack");
}

}  // namespace
}  // namespace puppet

int main(int argc, char** argv) {
    try {
        return puppet::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "puppet: %s\n", error.what());
        return 2;
    }
}
