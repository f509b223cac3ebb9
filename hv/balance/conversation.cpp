// SPDX-License-Identifier: Apache-2.0
// HTTP over many Unix sockets with one poll().
#include "hv/balance/conversation.h"

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

#include "hv/balance/machine_memory.h"
#include "hv/core/file_descriptor.h"

namespace hv::balance {

namespace {

/// Descriptors in use at a time.
constexpr std::size_t batch = 256;

class Conversation {
public:
    explicit Conversation(const Question& question) {
        output_ = fmt::format("{} {} HTTP/1.1\r\nHost: hv\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}",
                              question.method, question.path, question.body.size(), question.body);
        http_parser_init(&parser_, HTTP_RESPONSE);
        parser_.data = this;
        connect_to(question.socket_path);
    }
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    [[nodiscard]] bool over() const { return over_; }
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
    [[nodiscard]] Answer finish() {
        if (!over_) fail("no answer in time");
        return std::move(answer_);
    }

private:
    void fail(std::string why) {
        over_ = true;
        answer_.status = 0;
        answer_.body.clear();
        answer_.error = std::move(why);
        socket_ = FileDescriptor();
    }
    void connect_to(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path.size() >= sizeof address.sun_path) return fail("its socket's path is too long");
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        socket_ = FileDescriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket_) return fail(std::strerror(errno));
        // A Unix socket connects at once, or its queue is full.
        if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            answer_.absent = errno == ENOENT || errno == ECONNREFUSED;
            return fail(errno == EAGAIN ? "it does not take connections" : std::strerror(errno));
        }
        ucred peer{};
        socklen_t size = sizeof peer;
        if (getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) answer_.peer = peer.pid;
    }
    void send_more() {
        const ssize_t size = send(socket_.get(), output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL);
        if (size >= 0)
            sent_ += static_cast<std::size_t>(size);
        else if (errno != EAGAIN && errno != EINTR)
            fail(std::strerror(errno));
    }
    void receive_more() {
        char buffer[8192];
        const ssize_t size = recv(socket_.get(), buffer, sizeof buffer, 0);
        if (size < 0) {
            if (errno != EAGAIN && errno != EINTR) fail(std::strerror(errno));
            return;
        }
        // An answer without end would be as bad as one without an end in time.
        received_ += static_cast<std::size_t>(size);
        if (received_ > answer_limit + sizeof buffer) return fail("its answer is too long");
        const auto bytes = static_cast<std::size_t>(size);
        const std::size_t parsed = http_parser_execute(&parser_, &callbacks(), buffer, bytes);
        if (over_) return;
        if (parsed != bytes || size == 0) fail("its answer is not HTTP");
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

    FileDescriptor socket_;
    std::string output_;
    std::size_t sent_ = 0;
    std::size_t received_ = 0;
    http_parser parser_{};
    Answer answer_;
    bool over_ = false;
};

void ask_batch(std::span<const Question> questions, int limit_ms, std::vector<Answer>& answers) {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + std::chrono::milliseconds(limit_ms);
    std::vector<std::unique_ptr<Conversation>> all;
    for (const Question& question : questions) all.push_back(std::make_unique<Conversation>(question));
    for (;;) {
        std::vector<pollfd> waits;
        std::vector<Conversation*> waiting;
        for (const auto& conversation : all) {
            if (conversation->over()) continue;
            waits.push_back(conversation->wanted());
            waiting.push_back(conversation.get());
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (waits.empty() || left <= 0) break;
        if (poll(waits.data(), waits.size(), static_cast<int>(left)) <= 0) continue;
        for (std::size_t i = 0; i < waits.size(); ++i)
            if (waits[i].revents != 0) waiting[i]->proceed();
    }
    for (const auto& conversation : all) answers.push_back(conversation->finish());
}

}  // namespace

std::vector<Answer> ask(std::span<const Question> questions, int limit_ms) {
    std::vector<Answer> answers;
    answers.reserve(questions.size());
    for (std::size_t i = 0; i < questions.size(); i += batch)
        ask_batch(questions.subspan(i, std::min(batch, questions.size() - i)), limit_ms, answers);
    return answers;
}

}  // namespace hv::balance
