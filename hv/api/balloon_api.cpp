// SPDX-License-Identifier: Apache-2.0
// Firecracker's paths about the balloon.
#include "hv/api/api_body.h"
#include "hv/api/memory_api.h"
#include "hv/devices/balloon.h"
#include "hypercall/layout.h"

namespace hv {

namespace {

constexpr std::uint64_t mebibyte = 1 << 20;
constexpr std::uint64_t pages_per_mebibyte = mebibyte / tenon::abi::page_size;
constexpr std::uint64_t longest_interval_s = 65535;

HttpResponse no_balloon() { return http_fault(400, "this machine has no balloon (it was started with --no-balloon)"); }

template <typename Act>
HttpResponse with_balloon(MachineControl& machine, Act&& act) {
    BalloonDevice* const balloon = machine.balloon();
    return balloon != nullptr ? act(*balloon) : no_balloon();
}

std::unexpected<Error> missing(const JsonSection& body, const char* key) {
    return body.wrong(std::string("'") + key + "' is missing");
}

}  // namespace

HttpResponse get_balloon(const HttpRequest&, MachineControl& machine) {
    return with_balloon(machine, [](const BalloonDevice& balloon) {
        const BalloonOptions& options = balloon.options();
        return json_answer({{"amount_mib", balloon.target_pages() / pages_per_mebibyte},
                            {"deflate_on_oom", options.deflate_on_oom},
                            {"stats_polling_interval_s", options.statistics_interval_s},
                            {"free_page_hinting", options.hinting},
                            {"free_page_reporting", options.reporting}});
    });
}

HttpResponse put_balloon(const HttpRequest&, MachineControl&) {
    return http_fault(
        400,
        "PUT /balloon: the machine is started, and a balloon is configured before that (hv run --config); "
        "PATCH changes its amount_mib");
}

HttpResponse patch_balloon(const HttpRequest& request, MachineControl& machine) {
    return with_balloon(machine, [&](BalloonDevice& balloon) {
        return with_body(request, [&](JsonSection& body) -> Result<> {
            TRY(const auto amount, body.take_number("amount_mib", 0, machine.config().memory_bytes / mebibyte));
            CHECK(body.finish());
            if (!amount) return missing(body, "amount_mib");
            balloon.set_target(static_cast<std::uint32_t>(*amount * pages_per_mebibyte));
            return {};
        });
    });
}

HttpResponse get_balloon_statistics(const HttpRequest&, MachineControl& machine) {
    return with_balloon(machine, [](BalloonDevice& balloon) {
        refresh_statistics(balloon);
        Json answer = {{"target_pages", balloon.target_pages()},
                       {"actual_pages", balloon.ballooned_pages()},
                       {"target_mib", balloon.target_pages() / pages_per_mebibyte},
                       {"actual_mib", balloon.ballooned_pages() / pages_per_mebibyte}};
        for (unsigned i = 0; i < static_cast<unsigned>(BalloonStatistic::count); ++i) {
            const auto statistic = static_cast<BalloonStatistic>(i);
            if (const auto value = balloon.statistics().value(statistic))
                answer[balloon_statistic_name(statistic)] = *value;
        }
        return json_answer(answer);
    });
}

HttpResponse patch_balloon_statistics(const HttpRequest& request, MachineControl& machine) {
    return with_balloon(machine, [&](BalloonDevice& balloon) {
        return with_body(request, [&](JsonSection& body) -> Result<> {
            TRY(const auto interval, body.take_number("stats_polling_interval_s", 0, longest_interval_s));
            CHECK(body.finish());
            if (!interval) return missing(body, "stats_polling_interval_s");
            balloon.set_statistics_interval(static_cast<std::uint16_t>(*interval));
            return {};
        });
    });
}

HttpResponse start_balloon_hinting(const HttpRequest& request, MachineControl& machine) {
    return with_balloon(machine, [&](BalloonDevice& balloon) {
        return with_body(request, [&](JsonSection& body) -> Result<> {
            TRY(const auto acknowledge, body.take_bool("acknowledge_on_stop"));
            CHECK(body.finish());
            if (!balloon.start_hinting(acknowledge.value_or(true)))
                return body.wrong("this machine's balloon has no free page hinting (its configuration turns it off)");
            return {};
        });
    });
}

HttpResponse get_balloon_hinting(const HttpRequest&, MachineControl& machine) {
    return with_balloon(machine, [](const BalloonDevice& balloon) {
        const auto [host, guest] = balloon.hinting_status();
        return json_answer({{"host_cmd", host}, {"guest_cmd", guest}});
    });
}

HttpResponse stop_balloon_hinting(const HttpRequest& request, MachineControl& machine) {
    return with_balloon(machine, [&](BalloonDevice& balloon) {
        return with_body(request, [&](JsonSection& body) -> Result<> {
            CHECK(body.finish());
            if (!balloon.options().hinting)
                return body.wrong("this machine's balloon has no free page hinting (its configuration turns it off)");
            balloon.stop_hinting();
            return {};
        });
    });
}

}  // namespace hv
