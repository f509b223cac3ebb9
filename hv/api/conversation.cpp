// SPDX-License-Identifier: Apache-2.0
// HTTP over many Unix sockets with one poll().
#include "hv/api/conversation.h"

#include <fmt/format.h>
#include <http_parser.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>

#include "hv/core/errno_kind.h"
#include "hv/core/file_descriptor.h"

namespace hv {

namespace {

using Clock = std::chrono::steady_clock;

class Conversation {
public:
    Conversation(const Question& question, Answer& answer, Clock::time_point deadline, std::size_t body_limit)
        : answer_(answer), deadline_(deadline), body_limit_(body_limit) {
        output_ = fmt::format("{} {} HTTP/1.1\r\nHost: hv\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}",
                              question.method, question.path, question.body.size(), question.body);
        http_parser_init(&parser_, HTTP_RESPONSE);
        parser_.data = this;
        connect_to(question.socket_path);
        // Nearly always the whole request fits into the socket.
        if (!over_) send_more();
    }
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    [[nodiscard]] bool over() const { return over_; }
    [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
    [[nodiscard]] pollfd wanted() const {
        return {
            .fd = socket_.get(), .events = static_cast<short>(sent_ < output_.size() ? POLLOUT : POLLIN), .revents = 0};
    }
    void proceed() {
        if (sent_ < output_.size())
            send_more();
        else
            receive_more();
    }
    void give_up() { fail(ErrorKind::killed, "no answer in time"); }

private:
    void fail(ErrorKind kind, std::string why) {
        over_ = true;
        answer_.status = 0;
        answer_.body.clear();
        answer_.error_kind = kind;
        answer_.error = std::move(why);
        socket_ = FileDescriptor();
    }
    void fail_by_errno() { fail(errno_kind(errno), std::strerror(errno)); }
    void connect_to(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path.size() >= sizeof address.sun_path) return fail(ErrorKind::not_found, "the path is too long");
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        socket_ = FileDescriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket_) return fail_by_errno();
        // A Unix socket connects at once, or its queue is full: the server has not taken connections for a while.
        if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            return errno == EAGAIN ? fail(ErrorKind::killed, "it does not take connections") : fail_by_errno();
        ucred peer{};
        socklen_t size = sizeof peer;
        if (getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) answer_.peer = peer.pid;
    }
    void send_more() {
        const ssize_t size = send(socket_.get(), output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL);
        if (size >= 0)
            sent_ += static_cast<std::size_t>(size);
        else if (errno != EAGAIN && errno != EINTR)
            fail_by_errno();
    }
    void receive_more() {
        char buffer[8192];
        const ssize_t size = recv(socket_.get(), buffer, sizeof buffer, 0);
        if (size < 0) {
            if (errno != EAGAIN && errno != EINTR) fail_by_errno();
            return;
        }
        // An answer without end would be as bad as one without an end in time.
        received_ += static_cast<std::size_t>(size);
        if (received_ > body_limit_ + sizeof buffer) return fail(ErrorKind::internal, "the answer is too long");
        const auto bytes = static_cast<std::size_t>(size);
        const std::size_t parsed = http_parser_execute(&parser_, &callbacks(), buffer, bytes);
        if (over_) return;
        if (parsed != bytes || size == 0) fail(ErrorKind::internal, "the answer is not HTTP, or not complete");
    }
    static const http_parser_settings& callbacks() {
        static const http_parser_settings settings = [] {
            http_parser_settings made{};
            made.on_body = [](http_parser* parser, const char* text, std::size_t size) {
                static_cast<Conversation*>(parser->data)->answer_.body.append(text, size);
                return 0;
            };
            made.on_message_complete = [](http_parser* parser) {
                auto& self = *static_cast<Conversation*>(parser->data);
                self.answer_.status = static_cast<int>(parser->status_code);
                self.over_ = true;
                return 0;
            };
            return made;
        }();
        return settings;
    }

    Answer& answer_;
    Clock::time_point deadline_;
    std::size_t body_limit_;
    FileDescriptor socket_;
    std::string output_;
    std::size_t sent_ = 0;
    std::size_t received_ = 0;
    http_parser parser_{};
    bool over_ = false;
};

/// Waits until one of them can proceed, or its time is over.
void proceed_with(std::span<const std::unique_ptr<Conversation>> conversations) {
    std::vector<pollfd> waits;
    Clock::time_point deadline = Clock::time_point::max();
    for (const auto& conversation : conversations) {
        waits.push_back(conversation->wanted());
        deadline = std::min(deadline, conversation->deadline());
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    const int ready = poll(waits.data(), waits.size(), static_cast<int>(std::max<std::int64_t>(left, 0)));
    const auto now = Clock::now();
    for (std::size_t i = 0; i < waits.size(); ++i) {
        Conversation& conversation = *conversations[i];
        if (ready > 0 && waits[i].revents != 0) conversation.proceed();
        if (!conversation.over() && now >= conversation.deadline()) conversation.give_up();
    }
}

}  // namespace

std::vector<Answer> ask(std::span<const Question> questions, int limit_ms, std::size_t body_limit) {
    std::vector<Answer> answers(questions.size());
    std::vector<std::unique_ptr<Conversation>> open;
    for (std::size_t asked = 0; asked < questions.size() || !open.empty();) {
        for (; asked < questions.size() && open.size() < conversations_at_once; ++asked)
            open.push_back(std::make_unique<Conversation>(
                questions[asked], answers[asked], Clock::now() + std::chrono::milliseconds(limit_ms), body_limit));
        std::erase_if(open, [](const auto& conversation) { return conversation->over(); });
        if (!open.empty()) proceed_with(open);
    }
    return answers;
}

}  // namespace hv
