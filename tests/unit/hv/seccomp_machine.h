// SPDX-License-Identifier: Apache-2.0
// Runs a seccomp program as the kernel would: the instructions that such programs consist of.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>

namespace hv::test {

inline std::uint32_t run_filter(std::span<const sock_filter> program, const seccomp_data& data) {
    std::uint32_t a = 0;
    for (std::size_t at = 0; at < program.size(); ++at) {
        const sock_filter& line = program[at];
        const auto jump = [&](bool condition) { at += condition ? line.jt : line.jf; };
        switch (line.code) {
            case BPF_LD | BPF_W | BPF_ABS:
                if (line.k % 4 != 0 || line.k + 4 > sizeof data) throw std::runtime_error("load");
                std::memcpy(&a, reinterpret_cast<const char*>(&data) + line.k, 4);
                break;
            case BPF_ALU | BPF_AND | BPF_K: a &= line.k; break;
            case BPF_JMP | BPF_JA: at += line.k; break;
            case BPF_JMP | BPF_JEQ | BPF_K: jump(a == line.k); break;
            case BPF_JMP | BPF_JGE | BPF_K: jump(a >= line.k); break;
            case BPF_JMP | BPF_JGT | BPF_K: jump(a > line.k); break;
            case BPF_JMP | BPF_JSET | BPF_K: jump((a & line.k) != 0); break;
            case BPF_RET | BPF_K: return line.k;
            default: throw std::runtime_error("instruction");
        }
    }
    throw std::runtime_error("end of the program");
}

}  // namespace hv::test
