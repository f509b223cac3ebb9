// SPDX-License-Identifier: Apache-2.0
// Uncaught exceptions: prints their type and the place of the throw before the machine stops. Takes the place of
// libsupc++'s handler, which is abort.
#include <cxxabi.h>
#include <unwind.h>

#include <array>
#include <cstdint>
#include <exception>
#include <span>
#include <typeinfo>

#include "kernel/trap/panic.h"

namespace {

/// Return addresses by the unwind tables: the libraries keep no frame pointers.
class Backtrace {
public:
    Backtrace() { _Unwind_Backtrace(add, this); }

    /// Begins at the throw, if there was one: the frames between there and here are always the same.
    [[nodiscard]] std::span<const std::uint64_t> from_throw() const {
        const auto all = std::span(addresses_).first(count_);
        for (std::size_t i = 0; i != count_; ++i) {
            const void* function = _Unwind_FindEnclosingFunction(reinterpret_cast<void*>(all[i] - 1));
            if (function == reinterpret_cast<const void*>(&abi::__cxa_throw) ||
                function == reinterpret_cast<const void*>(&abi::__cxa_rethrow))
                return all.subspan(i + 1);
        }
        return all;
    }

private:
    static _Unwind_Reason_Code add(_Unwind_Context* context, void* self) {
        auto& backtrace = *static_cast<Backtrace*>(self);
        if (backtrace.count_ == backtrace.addresses_.size()) return _URC_END_OF_STACK;
        backtrace.addresses_[backtrace.count_++] = _Unwind_GetIP(context);
        return _URC_NO_REASON;
    }
    std::array<std::uint64_t, 40> addresses_;
    std::size_t count_ = 0;
};

/// The type's name stays mangled, and hv demangles it: the demangler would be larger than many programs.
[[noreturn]] void report_and_stop() {
    const Backtrace backtrace;
    const std::type_info* type = abi::__cxa_current_exception_type();
    if (type == nullptr)
        tenon::panic_with_backtrace(backtrace.from_throw(), "std::terminate() was called without an exception");
    try {
        throw;
    } catch (const std::exception& exception) {
        tenon::panic_with_backtrace(backtrace.from_throw(), "uncaught exception of type %s: %s", type->name(),
                                    exception.what());
    } catch (...) {
        tenon::panic_with_backtrace(backtrace.from_throw(), "uncaught exception of type %s", type->name());
    }
}

}  // namespace

namespace __cxxabiv1 {
extern std::terminate_handler __terminate_handler;
std::terminate_handler __terminate_handler = report_and_stop;
}  // namespace __cxxabiv1

extern "C" {

_Unwind_Reason_Code __real___gxx_personality_v0(int, _Unwind_Action, _Unwind_Exception_Class, _Unwind_Exception*,
                                                _Unwind_Context*);

/// Looks for a handler as the library does. If a noexcept function ends the search, the library would unwind up to
/// there, and then terminate; this terminates at once, while the frames of the throw still exist ([except.terminate]
/// leaves open whether the stack is unwound).
_Unwind_Reason_Code __wrap___gxx_personality_v0(int version, _Unwind_Action actions, _Unwind_Exception_Class kind,
                                                _Unwind_Exception* exception, _Unwind_Context* context) {
    const _Unwind_Reason_Code code = __real___gxx_personality_v0(version, actions, kind, exception, context);
    constexpr _Unwind_Exception_Class cxx = 0x474E'5543'432B'2B00;  // "GNUCC++", then 0 or 1
    if (code != _URC_HANDLER_FOUND || (actions & _UA_SEARCH_PHASE) == 0 || (kind & ~_Unwind_Exception_Class{1}) != cxx)
        return code;
    // The first phase's result stands in front of the exception's header (__cxa_exception::catchTemp): 0 is no handler.
    const auto handler = reinterpret_cast<const _Unwind_Ptr*>(exception)[-2];
    if (handler != 0) return code;
    abi::__cxa_begin_catch(exception);
    std::terminate();
}

}  // extern "C"
