// SPDX-License-Identifier: Apache-2.0
// The supervisor's answers to requests: by its control socket, or by a signal.
#include <fmt/format.h>

#include "hv/api/api_body.h"
#include "hv/api/cpu_api.h"
#include "hv/api/drives_api.h"
#include "hv/api/http_client.h"
#include "hv/api/network_api.h"
#include "hv/core/clock_pair.h"
#include "hv/supervise/supervisor.h"

namespace hv {

namespace {

/// The loop waits for it.
constexpr int worker_limit_ms = 1000;

}  // namespace

HttpResponse Supervisor::answer(const HttpRequest& http) {
    if (http.method == "PATCH" && http.path.starts_with(network_interfaces_path)) return answer_limits(http);
    if (http.method == "PATCH" && http.path.starts_with(drives_path)) return answer_drive(http);
    if (http.method == "PATCH" && http.path == cpu_path) return answer_cpu(http);
    const auto request = SupervisorRequest::parse(http);
    if (!request) {
        const bool no_path = request.error().kind == ErrorKind::not_found, method = http.method != "PUT";
        return http_fault(no_path ? 404 : method ? 405 : 400, request.error().message);
    }
    const bool end = request->what == SupervisorRequest::What::stop || request->what == SupervisorRequest::What::kill;
    return end ? answer_end(*request) : answer_reboot(*request);
}

HttpResponse Supervisor::answer_end(const SupervisorRequest& request) {
    policy_.forbid();
    asked_.stop = request.step;
    asked_.reboot.clear();
    if (!worker_) finish_soon("stopped between two starts");
    if (worker_ && request.what == SupervisorRequest::What::kill) worker_->kill();
    return no_content();
}

HttpResponse Supervisor::answer_reboot(const SupervisorRequest& request) {
    if (!asked_.stop.empty()) return http_fault(400, "somebody has asked it to end");
    const auto counted = [](std::uint64_t restarts) { return json_answer({{"restarts", restarts}}); };
    asked_.reboot = request.step;
    if (!worker_) {
        // Its next start was counted when the life before ended.
        static_cast<void>(loop_->after(0, [this] {
            if (!worker_ && record_.state == "restarting") start_now();
        }));
        return counted(record_.restarts);
    }
    const bool now = request.what == SupervisorRequest::What::restart;
    asked_.reboot_until_ns = now ? ~0ULL : sample_clock_pair().ns + request.within_ms * 1'000'000;
    if (now) worker_->kill();
    return counted(record_.restarts + 1);
}

HttpResponse Supervisor::answer_limits(const HttpRequest& request) {
    const auto limits = changed_limits(request, config_.net);
    if (!limits) return http_fault(400, limits.error().message);
    config_.net.limits = *limits;
    return no_content();
}

HttpResponse Supervisor::answer_drive(const HttpRequest& request) {
    const auto change = drive_change(request, config_.drives);
    if (!change) return http_fault(400, change.error().message);
    if (change->limits) config_.drives[change->drive].limits = *change->limits;
    return no_content();
}

HttpResponse Supervisor::answer_cpu(const HttpRequest& request) {
    const auto policy = changed_cpu(request, config_.cpu_policy);
    if (!policy) return http_fault(400, policy.error().message);
    if (const auto checked = check_cpu_policy(*policy, config_.vcpu_count); !checked)
        return http_fault(400, checked.error().message);
    config_.cpu_policy = *policy;
    return no_content();
}

bool Supervisor::reboot_is_wanted() const {
    return !asked_.reboot.empty() && sample_clock_pair().ns < asked_.reboot_until_ns;
}

void Supervisor::finish_soon(std::string reason) {
    // Later, so that an answer is sent.
    static_cast<void>(loop_->after(0, [this, reason = std::move(reason)] {
        if (!worker_ && record_.state != "ended") finish(record_.exit_code.value_or(0), reason);
    }));
}

bool Supervisor::ask_worker(const char* action) const {
    const Json body = {{"action_type", action}};
    return http_request(directory_.socket_path(), "PUT", "/actions", body.dump(), worker_limit_ms).has_value();
}

/// Ctrl-C in a terminal reaches the worker, too, which takes the first one as a request, and is killed by the second.
void Supervisor::interrupted() {
    policy_.forbid();
    const bool again = std::exchange(interrupted_, true);
    asked_.stop = again ? step_kill : step_event;
    asked_.reboot.clear();
    if (!worker_) return finish_soon("stopped between two starts");
    // One that does not answer the first time may be ending already.
    if (!ask_worker(again ? "Kill" : "SendCtrlAltDel") && (again || record_.state != "running")) worker_->kill();
}

}  // namespace hv
