// SPDX-License-Identifier: Apache-2.0
// The disk, by pread, pwrite and fdatasync, past the page cache.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <random>
#include <thread>

#include "measures.h"
#include "system.h"

namespace pvbench {

namespace {

using Error = std::unexpected<std::string>;

constexpr std::size_t small = 4096, large = 65536;
constexpr unsigned depth = 32;

/// Disks are measured within their first GiB: a sparse file of a large disk is not filled for a measurement.
constexpr std::uint64_t largest_area = std::uint64_t{1} << 30;

class Disk {
public:
    static std::expected<Disk, std::string> open(const Options& options, bool write) {
        const std::string path = options.disk.empty() ? system::default_disk() : options.disk;
        if (path.empty()) return Error("there is no disk");
        if (write && !options.write) return Error("without --write nothing on the disk is changed");
        const int file = system::open_disk(path, write);
        if (file < 0) return Error("cannot open " + path + ": " + std::strerror(errno));
        const std::uint64_t size = std::min(system::disk_size(file), largest_area);
        if (size < large * depth) {
            close(file);
            return Error(path + " is smaller than 2 MiB");
        }
        return Disk(path, file, size);
    }
    Disk(Disk&& other) noexcept
        : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)), size_(other.size_) {}
    ~Disk() {
        if (file_ >= 0) close(file_);
    }

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] int file() const { return file_; }
    [[nodiscard]] std::uint64_t blocks(std::size_t block) const { return size_ / block; }

    /// Transfers block number `index` of that size. An error is one for people.
    [[nodiscard]] std::string transfer(bool write, void* buffer, std::size_t block, std::uint64_t index) const {
        const auto offset = static_cast<off_t>(index * block);
        const ssize_t done = write ? pwrite(file_, buffer, block, offset) : pread(file_, buffer, block, offset);
        if (done == static_cast<ssize_t>(block)) return {};
        return std::string(write ? "a write to " : "a read of ") + path_ +
               " failed: " + (done < 0 ? std::strerror(errno) : "it was cut short");
    }

private:
    Disk(std::string path, int file, std::uint64_t size) : path_(std::move(path)), file_(file), size_(size) {}
    std::string path_;
    int file_;
    std::uint64_t size_;
};

/// Which block comes next.
class Order {
public:
    Order(bool random, std::uint64_t blocks, unsigned seed) : random_(random), pick_(0, blocks - 1), engine_(seed) {}
    std::uint64_t next() {
        if (random_) return pick_(engine_);
        const std::uint64_t place = place_++;
        if (place_ > pick_.max()) place_ = 0;
        return place;
    }

private:
    bool random_;
    std::uniform_int_distribution<std::uint64_t> pick_;
    std::minstd_rand engine_;
    std::uint64_t place_ = 0;
};

constexpr char no_buffer[] = "there is no memory for the disk's buffers";

/// One request at a time. The sample is to_sample(ns of a request).
template <typename ToSample>
Outcome one_at_a_time(const Options& options, bool write, bool random, std::size_t block, ToSample to_sample) {
    const auto disk = Disk::open(options, write);
    if (!disk) return LeaveOut(disk.error());
    const system::DiskBuffer buffer = system::disk_buffer(block);
    if (!buffer) return LeaveOut(no_buffer);
    std::memset(buffer.get(), 'x', block);
    Order order(random, disk->blocks(block), 1);
    return take_samples(options, {.samples = 5000, .warm_up = 50}, [&]() -> std::expected<double, std::string> {
        std::string error;
        const double time = time_of([&] { error = disk->transfer(write, buffer.get(), block, order.next()); });
        if (!error.empty()) return Error(std::move(error));
        return to_sample(time);
    });
}

double as_latency(double ns) { return ns / 1000; }

double as_bandwidth(double ns) { return megabytes_per_second(large, ns); }

/// As many threads as there are requests in flight, each with one at a time; they count what they have done.
class Crowd {
public:
    Crowd(const Disk& disk, bool write, bool random, std::size_t block) {
        for (unsigned i = 0; i != depth; ++i) {
            buffers_.push_back(system::disk_buffer(block));
            if (!buffers_.back()) return;
        }
        std::uint64_t blocks = disk.blocks(block);
        for (unsigned i = 0; i != depth; ++i)
            threads_.emplace_back([this, &disk, write, random, block, blocks, i] {
                Order order(true, blocks, i + 1);
                void* buffer = buffers_[i].get();
                std::memset(buffer, 'x', block);
                while (!stop_.load(std::memory_order_relaxed)) {
                    const std::uint64_t place = random ? order.next() : place_.fetch_add(1) % blocks;
                    if (std::string error = disk.transfer(write, buffer, block, place); !error.empty()) {
                        failed_ = true;
                        return;
                    }
                    done_.fetch_add(1, std::memory_order_relaxed);
                }
            });
    }
    ~Crowd() {
        stop_ = true;
        for (std::thread& thread : threads_) thread.join();
    }
    [[nodiscard]] bool complete() const { return threads_.size() == depth; }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::uint64_t done() const { return done_; }

private:
    std::vector<system::DiskBuffer> buffers_;
    std::vector<std::thread> threads_;
    std::atomic<std::uint64_t> place_ = 0, done_ = 0;
    std::atomic<bool> stop_ = false, failed_ = false;
};

/// Requests per second while 32 are in flight, as to_sample() makes them.
template <typename ToSample>
Outcome many_at_a_time(const Options& options, bool write, bool random, std::size_t block, ToSample to_sample) {
    const auto disk = Disk::open(options, write);
    if (!disk) return LeaveOut(disk.error());
    const Crowd crowd(*disk, write, random, block);
    if (!crowd.complete()) return LeaveOut(no_buffer);
    return take_samples(options, {.samples = 20, .warm_up = 2}, [&]() -> std::expected<double, std::string> {
        // At least a request of each thread: a slow disk's sample is not of one or two.
        constexpr unsigned window_us = 20'000;
        const std::uint64_t before = crowd.done(), begin = now_ns();
        do usleep(window_us);
        while (crowd.done() - before < depth && !crowd.failed());
        if (crowd.failed()) return Error("a request to " + disk->path() + " failed");
        return to_sample(static_cast<double>(crowd.done() - before) * 1e9 / static_cast<double>(now_ns() - begin));
    });
}

double as_rate(double requests_per_second) { return requests_per_second; }
double as_throughput(double requests_per_second) { return requests_per_second * large / 1e6; }

}  // namespace

Outcome random_read(const Options& options) { return one_at_a_time(options, false, true, small, as_latency); }
Outcome random_write(const Options& options) { return one_at_a_time(options, true, true, small, as_latency); }
Outcome sequential_read(const Options& options) { return one_at_a_time(options, false, false, large, as_bandwidth); }
Outcome sequential_write(const Options& options) { return one_at_a_time(options, true, false, large, as_bandwidth); }
Outcome deep_random_read(const Options& options) { return many_at_a_time(options, false, true, small, as_rate); }
Outcome deep_random_write(const Options& options) { return many_at_a_time(options, true, true, small, as_rate); }
Outcome deep_sequential_read(const Options& options) {
    return many_at_a_time(options, false, false, large, as_throughput);
}
Outcome deep_sequential_write(const Options& options) {
    return many_at_a_time(options, true, false, large, as_throughput);
}

Outcome flush(const Options& options) {
    const auto disk = Disk::open(options, true);
    if (!disk) return LeaveOut(disk.error());
    const system::DiskBuffer buffer = system::disk_buffer(small);
    if (!buffer) return LeaveOut(no_buffer);
    std::memset(buffer.get(), 'x', small);
    Order order(true, disk->blocks(small), 1);
    return take_samples(options, {.samples = 1000, .warm_up = 10}, [&]() -> std::expected<double, std::string> {
        if (std::string error = disk->transfer(true, buffer.get(), small, order.next()); !error.empty())
            return Error(std::move(error));
        const std::uint64_t begin = now_ns();
        if (fdatasync(disk->file()) != 0) return Error("cannot flush " + disk->path() + ": " + std::strerror(errno));
        return as_latency(static_cast<double>(now_ns() - begin));
    });
}

Outcome doorbell_to_interrupt(const Options& options) {
    const auto disk = Disk::open(options, false);
    if (!disk) return LeaveOut(disk.error());
    if (const auto possible = system::read_time(disk->path()); !possible) return LeaveOut(possible.error());
    constexpr std::size_t sector = 512;
    const system::DiskBuffer buffer = system::disk_buffer(sector);
    if (!buffer) return LeaveOut(no_buffer);
    // Always the same sector, which the host has at hand: what is left is the way to the device and back. The time is
    // the driver's own sum; a sample is of so many reads that the steps of the sum do not matter.
    constexpr int reads = 100;
    constexpr std::uint64_t steps = 50;
    return take_samples(options, {.samples = 200, .warm_up = 2}, [&]() -> std::expected<double, std::string> {
        const system::ReadTime before = *system::read_time(disk->path());
        auto after = system::read_time(disk->path());
        do {
            for (int i = 0; i != reads; ++i)
                if (std::string error = disk->transfer(false, buffer.get(), sector, 0); !error.empty())
                    return Error(std::move(error));
            after = system::read_time(disk->path());
            if (!after) return Error(after.error());
        } while (after->reads != before.reads && after->ns - before.ns < steps * after->resolution_ns);
        if (after->reads == before.reads) return Error("the driver counts no reads");
        return static_cast<double>(after->ns - before.ns) / static_cast<double>(after->reads - before.reads) / 1000;
    });
}

}  // namespace pvbench
