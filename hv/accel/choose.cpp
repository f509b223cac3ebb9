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

/// Text of the cache: the boot's id, a line "fast" or "slow", the reason.
struct CachedProbe {
    bool fast;
    std::string reason;
};

std::string boot_id() { return read_small_file("/proc/sys/kernel/random/boot_id"); }

std::optional<CachedProbe> read_cache(const std::string& path, const std::string& boot) {
    const std::string text = read_small_file(path);
    if (boot.empty() || !text.starts_with(boot)) return std::nullopt;
    const std::string rest = text.substr(boot.size());
    if (rest.starts_with("fast\n")) return CachedProbe{true, rest.substr(5)};
    if (rest.starts_with("slow\n")) return CachedProbe{false, rest.substr(5)};
    return std::nullopt;
}

/// Failure is ignored: without a cache each start probes.
void write_cache(const std::string& path, const std::string& boot, const CachedProbe& probe) {
    const std::string fresh = path + "." + std::to_string(getpid());
    const std::string text = boot + (probe.fast ? "fast\n" : "slow\n") + probe.reason;
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

ChosenAccelerator choose_by_speed(const std::string& cache_directory) {
    const FileDescriptor device(open("/dev/kvm", O_RDWR | O_CLOEXEC));
    if (!device) {
        const char* why = errno == ENOENT ? "there is no /dev/kvm" : std::strerror(errno);
        return {AcceleratorChoice::pv, std::string("kvm is not usable: ") + why};
    }
    const std::string cache = cache_directory + "/.kvm-probe";
    const std::string boot = boot_id();
    std::optional<CachedProbe> probe = read_cache(cache, boot);
    if (!probe) {
        auto speed = probe_kvm();
        probe = speed ? CachedProbe{speed->fast, speed->reason} : CachedProbe{false, speed.error().message};
        write_cache(cache, boot, *probe);
    }
    return {probe->fast ? AcceleratorChoice::kvm : AcceleratorChoice::pv, "kvm: " + probe->reason};
}

#endif

}  // namespace

ChosenAccelerator choose_accelerator(AcceleratorChoice wish, [[maybe_unused]] const std::string& cache_directory) {
    if (wish != AcceleratorChoice::automatic) return {wish, "asked for"};
#ifdef HV_HAS_KVM
    return choose_by_speed(cache_directory);
#else
    return {AcceleratorChoice::pv, "this hv is built without kvm"};
#endif
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
