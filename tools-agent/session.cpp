// SPDX-License-Identifier: Apache-2.0
// Serving requests in the order in which they arrive.
#include "tools-agent/session.h"

#include <algorithm>

namespace tenon::tools {

namespace {

constexpr char out_of_memory[] =
    "{\"error\": {\"class\": \"GenericError\", \"desc\": \"The guest is out of memory\"}}\n";

}  // namespace

void Session::receive(std::string_view bytes) {
    while (!bytes.empty()) {
        const bool was_incomplete = framer_.incomplete();
        try {
            switch (framer_.next(bytes)) {
                case Framer::Event::nothing: break;
                case Framer::Event::request: serve(framer_.request()); break;
                case Framer::Event::malformed:
                    refuse({"GenericError", std::string("Invalid JSON syntax: ") + framer_.why()}, {});
                    break;
            }
        } catch (const std::exception&) {
            framer_.reset();
            output_.send(out_of_memory);
        }
        if (!was_incomplete && framer_.incomplete()) request_begun_ = context_.guest.monotonic_time();
    }
}

void Session::reset() { framer_.reset(); }

Nanoseconds Session::due() const {
    const Nanoseconds give_up = framer_.incomplete() ? request_begun_ + patience : ~Nanoseconds{0};
    return std::min({context_.freeze.due(), context_.load.due(), give_up});
}

void Session::work() {
    context_.freeze.thaw_if_due(context_.guest);
    const Nanoseconds now = context_.guest.monotonic_time();
    try {
        if (now >= context_.load.due()) sample();
        if (framer_.incomplete() && now >= request_begun_ + patience) {
            framer_.reset();
            refuse({"GenericError", "The request was not completed within 10 s"}, {});
        }
    } catch (const std::exception&) {
        // Without memory there is no sample, and no error message.
    }
}

void Session::sample() {
    const Nanoseconds now = context_.guest.monotonic_time();
    context_.load.sample(now, context_.guest.processor_times());
    context_.rates.sample(now, context_.guest.interfaces());
}

void Session::serve(std::string_view text) {
    const auto request = parse_request(text);
    if (!request) return refuse(request.error(), {});
    answer(*request);
}

void Session::answer(const Request& request) {
    const Command* command = find_command(request.command);
    if (command == nullptr)
        return refuse({"CommandNotFound", "The command " + request.command + " has not been found"}, request.id);
    if (context_.freeze.frozen() && !command->while_frozen)
        return refuse(
            {"CommandNotFound", "Command " + request.command + " has been disabled: the agent is in frozen state"},
            request.id);
    if (const auto fits = check_arguments(*command, request.arguments); !fits) return refuse(fits.error(), request.id);
    Reply reply = command->run(context_, request.arguments);
    if (!reply) return refuse(reply.error(), request.id);
    if (!command->answers_success) return;
    Json message{{"return", std::move(*reply)}};
    if (!request.id.is_discarded()) message["id"] = request.id;
    send(message, command->delimited);
}

void Session::refuse(const CommandError& error, const Json& id) {
    Json message{{"error", {{"class", error.kind}, {"desc", error.text}}}};
    if (!id.is_discarded() && !id.is_null()) message["id"] = id;
    send(message);
}

void Session::send(const Json& message, bool delimited) {
    // One write, with sentinel and line end. An error may quote the host's bytes: those that are no UTF-8 are replaced.
    std::string bytes(delimited ? "\xFF" : "");
    bytes += message.dump(-1, ' ', true, Json::error_handler_t::replace);
    bytes += '\n';
    output_.send(bytes);
}

}  // namespace tenon::tools
