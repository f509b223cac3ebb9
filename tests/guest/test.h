// SPDX-License-Identifier: Apache-2.0
// Tests that run inside the guest: GUEST_TEST(name) { EXPECT(condition); }
#pragma once

namespace tenon::test {

struct Test {
    const char* name;
    void (*run)();
    Test* next = nullptr;
};

/// Adds to the list that main() walks. `test` is static.
struct Registration {
    explicit Registration(Test& test);
};

/// Notes why the running test fails. On the test's own thread it ends the test, by throwing; on others it returns.
void fail(const char* condition, const char* file, int line);
/// Ends the running test without a verdict.
[[noreturn]] void skip(const char* reason);

}  // namespace tenon::test

#define GUEST_TEST(test_name)                                                                                   \
    static void guest_test_##test_name();                                                                       \
    static ::tenon::test::Test guest_test_entry_##test_name{#test_name, guest_test_##test_name};                \
    static const ::tenon::test::Registration guest_test_registration_##test_name{guest_test_entry_##test_name}; \
    static void guest_test_##test_name()

#define EXPECT(...)                                                                \
    do {                                                                           \
        if (!(__VA_ARGS__)) ::tenon::test::fail(#__VA_ARGS__, __FILE__, __LINE__); \
    } while (false)

/// `expression` throws `type`.
#define EXPECT_THROW(expression, type)                                                                   \
    do {                                                                                                 \
        bool expected_was_thrown = false;                                                                \
        try {                                                                                            \
            static_cast<void>(expression);                                                               \
        } catch (const type&) {                                                                          \
            expected_was_thrown = true;                                                                  \
        }                                                                                                \
        if (!expected_was_thrown) ::tenon::test::fail(#expression " throws " #type, __FILE__, __LINE__); \
    } while (false)
