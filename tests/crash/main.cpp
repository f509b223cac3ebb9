// SPDX-License-Identifier: Apache-2.0
// Cuts the power of a disk with an ext4 on it, as often as is asked for, and looks whether anything was lost that must
// not be: crash --help
#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/crash/examine.h"
#include "tests/crash/workloads.h"

namespace {

using namespace tenon;
using namespace tenon::crash;

constexpr char usage[] =
    "usage: crash [--workload NAME] [--states N] [--seed N] [--block-size 1024|2048|4096] [--fault NAME]\n"
    "             [--only STATE] [--folder FOLDER]\n"
    "  --workload  append, names, database, truncate, full (default: all)\n"
    "  --states    power cuts to look at, over all workloads (60)\n"
    "  --fault     what the file system leaves out: no-revoke, no-flush-before-commit, no-deferred-reuse;\n"
    "              the first wrong state ends the run, and finding none is the failure\n"
    "  --only      looks at one state only, and keeps its disk\n"
    "  --folder    where the disks are (a new one in /dev/shm)\n";

struct Arguments {
    std::string workload, fault, folder;
    unsigned states = 60, seed = 1, block_size = 4096;
    int only = -1;
};

struct Sum {
    unsigned states = 0, wrong = 0, hosted = 0;
};

unsigned number(const std::string& text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        throw std::invalid_argument("'" + text + "' is no number");
    return value;
}

Arguments parse(int count, char** words) {
    Arguments arguments;
    for (int index = 1; index < count; index += 2) {
        const std::string name = words[index];
        if (index + 1 == count) throw std::invalid_argument(name + " needs a value");
        const std::string value = words[index + 1];
        if (name == "--workload")
            arguments.workload = value;
        else if (name == "--fault")
            arguments.fault = value;
        else if (name == "--folder")
            arguments.folder = value;
        else if (name == "--states")
            arguments.states = number(value);
        else if (name == "--seed")
            arguments.seed = number(value);
        else if (name == "--block-size")
            arguments.block_size = number(value);
        else if (name == "--only")
            arguments.only = static_cast<int>(number(value));
        else
            throw std::invalid_argument("there is no option " + name);
    }
    return arguments;
}

ext4::Faults faults_of(const std::string& name) {
    ext4::Faults faults;
    if (name == "no-revoke")
        faults.no_revoke = true;
    else if (name == "no-flush-before-commit")
        faults.no_flush_before_commit = true;
    else if (name == "no-deferred-reuse")
        faults.no_deferred_reuse = true;
    else if (!name.empty())
        throw std::invalid_argument("there is no fault " + name);
    return faults;
}

/// A new file system, the same each time.
std::vector<std::byte> new_disk(const std::filesystem::path& folder, std::size_t size, unsigned block_size) {
    const std::filesystem::path path = folder / "new.img";
    std::filesystem::remove(path);
    DiskFile disk(path, size);
    // The smallest journal, so that it wraps.
    const std::string command = "E2FSPROGS_FAKE_TIME=1700000000 mke2fs -q -F -t ext4 -b " + std::to_string(block_size) +
                                " -J size=" + std::to_string(block_size / 1024) +
                                " -U 01234567-89ab-cdef-0123-456789abcdef"
                                " -E hash_seed=fedcba98-7654-3210-fedc-ba9876543210,lazy_itable_init=0 " +
                                path.string();
    if (run(command, folder / "log") != 0) throw std::runtime_error("mke2fs failed, see " + (folder / "log").string());
    return {disk.bytes().begin(), disk.bytes().end()};
}

struct Recording {
    std::vector<Record> log;
    Model model;
};

Recording record(const Workload& workload, std::span<std::byte> disk, const Arguments& arguments) {
    RecordingStore store(disk, arguments.block_size);
    const Outcome<ext4::Volume*> mounted = ext4::mount(store, {}, faults_of(arguments.fault));
    if (!mounted) throw std::runtime_error("the new file system cannot be mounted");
    Recording result;
    {
        Driver driver(**mounted, store, arguments.block_size, arguments.seed);
        workload.run(driver, workload.steps);
        driver.sync();
        if (!driver.failure().empty()) throw std::runtime_error("workload: " + driver.failure());
        if (workload.name == "full" && driver.full() == 0) throw std::runtime_error("the disk was never full");
        const ext4::Statistics statistics = statistics_of(**mounted);
        std::printf(
            "%.*s: %zu records, %llu commits, %llu blocks logged, %llu revokes, %llu checkpoints, %zu paths, "
            "%u times full\n",
            static_cast<int>(workload.name.size()), workload.name.data(), store.log().size(),
            static_cast<unsigned long long>(statistics.commits),
            static_cast<unsigned long long>(statistics.logged_blocks),
            static_cast<unsigned long long>(statistics.revokes),
            static_cast<unsigned long long>(statistics.checkpoints), driver.model().paths(), driver.full());
        result.model = std::move(driver.model());
    }
    if (!ext4::unmount(**mounted)) throw std::runtime_error("unmount failed");
    result.log = store.log();
    return result;
}

void run_workload(const Workload& workload, unsigned states, const std::filesystem::path& folder,
                  const Arguments& arguments, Sum& sum) {
    const std::vector<std::byte> start = new_disk(folder, workload.disk, arguments.block_size);
    std::vector<std::byte> disk = start;
    const Recording recording = record(workload, disk, arguments);
    const std::vector<Epoch> epochs = epochs_of(recording.log);
    Examiner examiner(folder, start.size(), arguments.block_size);

    // In the order of the log, so that the disk goes forward only.
    std::mt19937 random(arguments.seed);
    std::vector<std::size_t> chosen(states);
    for (std::size_t& epoch : chosen) epoch = random() % epochs.size();
    std::ranges::sort(chosen);
    disk = start;
    std::size_t applied = 0;
    std::vector<std::byte> state;
    for (unsigned index = 0; index < states; ++index) {
        const Epoch epoch = epochs[chosen[index]];
        apply(recording.log, applied, epoch.begin, disk);
        applied = epoch.begin;
        state = disk;
        std::mt19937 choices(arguments.seed * 1000003 + index);
        const PowerCut power_cut = cut(recording.log, epoch, index % kinds_of_cuts, choices);
        apply(recording.log, power_cut, state);
        if (arguments.only >= 0 && index != static_cast<unsigned>(arguments.only)) continue;
        const Examiner::Looks looks{.twice = index % 4 == 0, .host = index % 10 == 0 || arguments.only >= 0};
        if (arguments.only >= 0) {
            const std::filesystem::path kept = folder / "kept.img";
            std::ofstream(kept, std::ios::binary)
                .write(reinterpret_cast<const char*>(state.data()), static_cast<std::streamsize>(state.size()));
            std::printf("state %u is in %s: records to %zu of %zu\n", index, kept.c_str(), power_cut.position,
                        recording.log.size());
        }
        const std::string wrong = examiner.examine(state, recording.model, power_cut.position, looks, choices);
        ++sum.states;
        if (looks.host && examiner.host_mounts()) ++sum.hosted;
        if (wrong.empty()) continue;
        ++sum.wrong;
        if (arguments.fault.empty())
            std::printf(
                "state %u: %s\n  repeat it: build/tests/crash --workload %.*s --states %u --seed %u "
                "--block-size %u --only %u\n",
                index, wrong.substr(0, 1500).c_str(), static_cast<int>(workload.name.size()), workload.name.data(),
                states, arguments.seed, arguments.block_size, index);
        if (!arguments.fault.empty() || sum.wrong >= 10) return;
    }
}

/// What Linux mounts for the test is in a mount namespace of its own, and ends with it.
void leave_mounts() {
    if (geteuid() == 0 && unshare(CLONE_NEWNS) == 0) mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
}

int run_all(const Arguments& arguments) {
    (void)faults_of(arguments.fault);
    std::vector<Workload> chosen;
    for (const Workload& workload : workloads())
        if (arguments.workload.empty() || arguments.workload == workload.name) chosen.push_back(workload);
    if (chosen.empty()) throw std::invalid_argument("there is no workload " + arguments.workload);
    leave_mounts();
    std::string folder = arguments.folder;
    if (folder.empty()) {
        char name[] = "/dev/shm/tenon-crash.XXXXXX";
        if (mkdtemp(name) == nullptr) throw std::runtime_error("no folder can be made in /dev/shm (say --folder)");
        folder = name;
    }
    Sum sum;
    for (std::size_t index = 0; index < chosen.size(); ++index) {
        const unsigned share = arguments.states / static_cast<unsigned>(chosen.size()) +
                               (index < arguments.states % chosen.size() ? 1 : 0);
        run_workload(chosen[index], share, folder, arguments, sum);
        if (!arguments.fault.empty() && sum.wrong != 0) break;
    }
    if (arguments.folder.empty() && arguments.only < 0) std::filesystem::remove_all(folder);
    std::printf("%u states, %u wrong, %u mounted by Linux\n", sum.states, sum.wrong, sum.hosted);
    return (sum.wrong == 0) == arguments.fault.empty() ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
    if (count == 2 && std::string_view(words[1]) == "--help") {
        std::fputs(usage, stdout);
        return 0;
    }
    try {
        return run_all(parse(count, words));
    } catch (const std::invalid_argument& error) {
        std::fprintf(stderr, "crash: %s\n%s", error.what(), usage);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "crash: %s\n", error.what());
    }
    return 2;
}
