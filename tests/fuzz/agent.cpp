// SPDX-License-Identifier: Apache-2.0
// Fuzzes the agent: whatever a host sends, each answer is one line of JSON with one of the two members.
#include <cstdlib>

#include "tests/unit/tools/fake_guest.h"
#include "tools-agent/session.h"

namespace {

using namespace tenon::tools;

class Answers final : public Session::Output {
public:
    void send(std::string_view bytes) override {
        if (bytes.starts_with('\xFF')) bytes.remove_prefix(1);
        if (!bytes.ends_with('\n')) std::abort();
        const Json answer = Json::parse(bytes, nullptr, false);
        if (!answer.is_object() || answer.contains("return") == answer.contains("error")) std::abort();
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    test::FakeGuest guest;
    Answers answers;
    Session session(guest, answers);
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    // In pieces whose sizes the input itself chooses, with time passing between them.
    while (!bytes.empty()) {
        const std::size_t piece =
            std::min<std::size_t>(bytes.size(), 1 + static_cast<unsigned char>(bytes.front()) * 4u);
        session.receive(bytes.substr(0, piece));
        bytes.remove_prefix(piece);
        guest.monotonic += test::second;
        session.work();
    }
    return 0;
}
