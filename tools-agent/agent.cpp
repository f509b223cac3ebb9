// SPDX-License-Identifier: Apache-2.0
// The guest agent: the QEMU Guest Agent's protocol on a port of the console device, on a thread of its own.
#include <memory>

#include "kernel/base/init_step.h"
#include "kernel/console/console.h"
#include "kernel/device/console_port.h"
#include "kernel/sched/thread.h"
#include "tools-agent/kernel_guest.h"
#include "tools-agent/session.h"

namespace tenon::tools {
namespace {

TENON_CONSOLE_PORT(agent_port, "org.qemu.guest_agent.0");

/// The program starts first: the agent's own start would add some 50 us to the machine's boot.
constexpr Nanoseconds start_delay = 5'000'000;
/// If the host does not take an answer in this time, its rest is dropped.
constexpr Nanoseconds send_limit = 1'000'000'000;

class PortOutput final : public Session::Output {
public:
    explicit PortOutput(ConsolePort& port) : port_(port) {}
    void send(std::string_view bytes) override { (void)port_.send(bytes, monotonic_now() + send_limit); }

private:
    ConsolePort& port_;
};

void serve(ConsolePort& port) {
    KernelGuest guest;
    PortOutput output(port);
    Session session(guest, output);
    char buffer[512];
    for (;;) {
        const ConsolePort::Received received = port.receive(buffer, session.due());
        if (received.reconnected) session.reset();
        session.receive({buffer, received.size});
        session.work();
    }
}

void run(void*) {
    Thread::sleep_until(monotonic_now() + start_delay);
    ConsolePort* port = open_console_port(agent_port.name);
    if (port == nullptr) {
        log("agent: the machine has no console device with ports; the agent is not reachable");
        return;
    }
    serve(*port);
}

void start_agent() {
    // Of higher priority than the program, so that it answers even if the program never stops computing.
    const Thread::Options options{
        .name = "agent", .priority = Priority::tools, .stack_size = 64 * 1024, .detached = true};
    if (!Thread::create(options, run, nullptr)) warn("agent: no memory for its thread: the host gets no answers");
}
TENON_INIT_STEP(services, start_agent);

}  // namespace
}  // namespace tenon::tools
