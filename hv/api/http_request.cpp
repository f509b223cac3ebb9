// SPDX-License-Identifier: Apache-2.0
// HTTP requests by http_parser.
#include "hv/api/http_request.h"

#include <utility>

namespace hv {

struct HttpRequestParser::Callbacks {
    static HttpRequestParser& self(http_parser* parser) { return *static_cast<HttpRequestParser*>(parser->data); }

    static int on_url(http_parser* parser, const char* text, std::size_t size) {
        HttpRequestParser& request = self(parser);
        if (request.url_.size() + size > path_limit) return request.refuse(414);
        request.url_.append(text, size);
        return 0;
    }
    static int on_header(http_parser* parser, const char*, std::size_t size) {
        HttpRequestParser& request = self(parser);
        request.header_bytes_ += size;
        return request.header_bytes_ > header_limit ? request.refuse(431) : 0;
    }
    static int on_headers_complete(http_parser* parser) {
        HttpRequestParser& request = self(parser);
        // A length that is announced is refused before anything of it is stored.
        if (parser->content_length != ~0ULL && parser->content_length > body_limit) return request.refuse(413);
        return 0;
    }
    static int on_body(http_parser* parser, const char* text, std::size_t size) {
        HttpRequestParser& request = self(parser);
        if (request.current_.body.size() + size > body_limit) return request.refuse(413);
        request.current_.body.append(text, size);
        return 0;
    }
    static int on_message_complete(http_parser* parser) {
        HttpRequestParser& request = self(parser);
        request.current_.method = http_method_str(static_cast<http_method>(parser->method));
        request.current_.path = request.url_.substr(0, request.url_.find('?'));
        request.current_.keep_alive = http_should_keep_alive(parser) != 0;
        request.requests_->push_back(std::exchange(request.current_, {}));
        request.url_.clear();
        request.header_bytes_ = 0;
        return 0;
    }
};

HttpRequestParser::HttpRequestParser() {
    http_parser_init(&parser_, HTTP_REQUEST);
    parser_.data = this;
}

int HttpRequestParser::refuse(int status) {
    refused_ = status;
    return 1;
}

int HttpRequestParser::feed(std::string_view bytes, std::vector<HttpRequest>& requests) {
    static constexpr http_parser_settings settings = [] {
        http_parser_settings callbacks{};
        callbacks.on_url = Callbacks::on_url;
        callbacks.on_header_field = Callbacks::on_header;
        callbacks.on_header_value = Callbacks::on_header;
        callbacks.on_headers_complete = Callbacks::on_headers_complete;
        callbacks.on_body = Callbacks::on_body;
        callbacks.on_message_complete = Callbacks::on_message_complete;
        return callbacks;
    }();
    if (refused_ != 0) return refused_;
    requests_ = &requests;
    const std::size_t taken = http_parser_execute(&parser_, &settings, bytes.data(), bytes.size());
    if (refused_ != 0) return refused_;
    // No other protocol is spoken here, and a parser that failed once does not go on.
    if (taken != bytes.size() || parser_.upgrade != 0) refused_ = 400;
    return refused_;
}

}  // namespace hv
