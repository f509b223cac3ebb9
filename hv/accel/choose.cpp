// SPDX-License-Identifier: Apache-2.0
// The choice between kvm and pv.
#include "hv/accel/choose.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "hv/core/file_descriptor.h"

#if __has_include("hv/accel/pv/pv.mk")
#include "hv/accel/pv/pv_accelerator.h"
#define HV_HAS_PV 1
#endif
#if __has_include("hv/accel/kvm/kvm.mk")
#include "hv/accel/kvm/kvm_accelerator.h"
#include "hv/accel/kvm/probe.h"
#define HV_HAS_KVM 1
#endif

namespace hv {

namespace {

#ifdef HV_HAS_KVM

std::string read_small_file(const std::string& path) {
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return {};
    std::array<char, 512> text{};
    const ssize_t size = read(file.get(), text.data(), text.size());
    return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string();
}

/// Text of the cache: the boot's id, the verdict's word and a line feed, the reason.
struct CachedProbe {
    enum class Verdict { fast, slow, emulated } verdict;
    std::string reason;
};
constexpr std::string_view verdict_words[] = {"fast\n", "slow\n", "emulated\n"};

std::string boot_id() { return read_small_file("/proc/sys/kernel/random/boot_id"); }

std::optional<CachedProbe> read_cache(const std::string& path, const std::string& boot) {
    const std::string text = read_small_file(path);
    if (boot.empty() || !text.starts_with(boot)) return std::nullopt;
    const std::string_view rest = std::string_view(text).substr(boot.size());
    for (std::size_t i = 0; i < std::size(verdict_words); ++i)
        if (rest.starts_with(verdict_words[i]))
            return CachedProbe{static_cast<CachedProbe::Verdict>(i), std::string(rest.substr(verdict_words[i].size()))};
    return std::nullopt;
}

/// Failure is ignored: without a cache each start probes.
void write_cache(const std::string& path, const std::string& boot, const CachedProbe& probe) {
    const std::string fresh = path + "." + std::to_string(getpid());
    const std::string text = boot + std::string(verdict_words[static_cast<std::size_t>(probe.verdict)]) + probe.reason;
    {
        const FileDescriptor file(open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            unlink(fresh.c_str());
            return;
        }
    }
    // Renamed when complete: readers see the old text or the new one, never a part.
    if (rename(fresh.c_str(), path.c_str()) != 0) unlink(fresh.c_str());
}

CachedProbe probe(const std::string& cache_directory) {
    const std::string cache = cache_directory + "/.kvm-probe";
    const std::string boot = boot_id();
    if (auto cached = read_cache(cache, boot)) return *std::move(cached);
    using enum CachedProbe::Verdict;
    auto speed = probe_kvm();
    CachedProbe result = speed ? CachedProbe{speed->fast       ? fast
                                             : speed->emulated ? emulated
                                                               : slow,
                                             speed->reason}
                               : CachedProbe{slow, speed.error().message};
    write_cache(cache, boot, result);
    return result;
}

FileDescriptor open_kvm() { return FileDescriptor(open("/dev/kvm", O_RDWR | O_CLOEXEC)); }

ChosenAccelerator choose_by_speed(const std::string& cache_directory) {
    if (!open_kvm()) {
        const char* why = errno == ENOENT ? "there is no /dev/kvm" : std::strerror(errno);
        return {AcceleratorChoice::pv, std::string("kvm is not usable: ") + why};
    }
    const CachedProbe known = probe(cache_directory);
    const bool fast = known.verdict == CachedProbe::Verdict::fast;
    return {fast ? AcceleratorChoice::kvm : AcceleratorChoice::pv, "kvm: " + known.reason};
}

/// A machine would seem to hang. Where /dev/kvm cannot be opened the accelerator says so.
Result<> refuse_emulation(const std::string& cache_directory) {
    if (!open_kvm()) return {};
    const CachedProbe known = probe(cache_directory);
    if (known.verdict != CachedProbe::Verdict::emulated) return {};
    return fail(
        ErrorKind::host_lacks,
        "accelerator 'kvm': this host has a /dev/kvm, but it runs a guest's kernel in software, one instruction "
        "after the other, which is too slow to use (" +
            known.reason + "): use --accel pv, or leave --accel out");
}

#endif

}  // namespace

Result<ChosenAccelerator> choose_accelerator(AcceleratorChoice wish, std::uint32_t vcpus,
                                             [[maybe_unused]] const std::string& cache_directory) {
    if (wish == AcceleratorChoice::automatic && vcpus > 1)
        return ChosenAccelerator{AcceleratorChoice::pv, "kvm runs one vCPU"};
#ifdef HV_HAS_KVM
    if (wish == AcceleratorChoice::automatic) return choose_by_speed(cache_directory);
    if (wish == AcceleratorChoice::kvm) CHECK(refuse_emulation(cache_directory));
#else
    if (wish == AcceleratorChoice::automatic)
        return ChosenAccelerator{AcceleratorChoice::pv, "this hv is built without kvm"};
#endif
    return ChosenAccelerator{wish, "asked for"};
}

Result<std::unique_ptr<Accelerator>> make_accelerator(AcceleratorChoice kind,
                                                      [[maybe_unused]] const MachineSetup& setup) {
    if (kind == AcceleratorChoice::kvm) {
#ifdef HV_HAS_KVM
        return make_kvm_accelerator(setup);
#else
        return fail(ErrorKind::host_lacks, "accelerator 'kvm': this hv is built without it (use --accel pv)");
#endif
    }
#ifdef HV_HAS_PV
    return make_pv_accelerator(setup);
#else
    return fail(ErrorKind::host_lacks, "accelerator 'pv': this hv is built without it (use --accel kvm)");
#endif
}

}  // namespace hv
