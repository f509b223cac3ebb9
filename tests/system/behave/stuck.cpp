// SPDX-License-Identifier: Apache-2.0
// Programs that hang.
#include "stuck.h"

#include <tenon/ready.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "kernel/sched/thread.h"
#include "kernel/trap/interrupts.h"

namespace {

volatile bool hanging = true;
/// For debuggers that look at a core file.
volatile int number_to_find = 0;

[[gnu::noinline]] void hang_with_interrupts_masked() {
    tenon::interrupts::mask();
    while (hanging) {
    }
}

[[gnu::noinline]] void silence_agent(void*) {
    while (hanging) {
    }
}

}  // namespace

[[noreturn]] void be_stuck(std::string_view how) {
    tenon_ready();
    // The agent has opened its port by then.
    usleep(50'000);
    std::puts("hanging");
    std::fflush(stdout);
    usleep(50'000);
    number_to_find = 4711;
    if (how == "masked") hang_with_interrupts_masked();
    if (how == "agent") {
        const tenon::Thread::Options options{.name = "louder", .priority = tenon::Priority::highest, .detached = true};
        if (!tenon::Thread::create(options, silence_agent, nullptr)) std::exit(1);
        for (;;) pause();
    }
    std::exit(2);
}
