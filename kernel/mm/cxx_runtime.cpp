// SPDX-License-Identifier: Apache-2.0
// The run-time library functions that the compiler and C++ headers call, for code that never throws. Without these, an
// image in C would pull in libstdc++'s exceptions by way of the kernel.
#include <cstddef>
#include <new>

#include "kernel/mm/heap.h"
#include "kernel/trap/panic.h"

void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return tenon::heap_allocate(size); }
void operator delete(void* pointer) noexcept { tenon::heap_free(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { tenon::heap_free(pointer); }

extern "C" void __cxa_pure_virtual() { tenon::panic("pure virtual function called"); }

// The kernel is compiled with these names in place of the functions by which the headers throw (kernel/kernel.mk).
namespace std {
void __tenon_out_of_range(const char* message, ...) { tenon::panic("out of range: %s", message); }
void __tenon_length_error(const char* message) { tenon::panic("length error: %s", message); }
}  // namespace std
