// SPDX-License-Identifier: Apache-2.0
// A disk device on an image of the test's own, and a driver that may break every rule.
#pragma once

#include <fcntl.h>
#include <linux/virtio_config.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "hv/devices/blk/blk.h"
#include "hv/devices/blk/io_ring.h"
#include "hv/devices/blk/sync_engine.h"
#include "tests/unit/hv/device_fixture.h"

namespace hv::test {

/// A file that is removed when the test ends.
struct ImageFile {
    char path[32] = "/tmp/tenon-unit-disk.XXXXXX";
    explicit ImageFile(off_t size) {
        const int fd = mkstemp(path);
        if (fd < 0 || ftruncate(fd, size) != 0) std::abort();
        close(fd);
    }
    ~ImageFile() { unlink(path); }
    ImageFile(const ImageFile&) = delete;
    ImageFile& operator=(const ImageFile&) = delete;
};

enum class EngineKind { ring, synchronous };

struct BlkFixture : DeviceFixture {
    static constexpr std::uint16_t next = VRING_DESC_F_NEXT, write = VRING_DESC_F_WRITE;
    static constexpr std::uint64_t header = buffers, status = buffers + 0x800, data = buffers + 0x1000;
    static constexpr off_t image_size = 1 << 20;
    static constexpr std::uint8_t untouched = 0xEE;
    static constexpr std::uint64_t all_features =
        1ULL << VIRTIO_F_VERSION_1 | 1ULL << VIRTIO_BLK_F_FLUSH | 1ULL << VIRTIO_RING_F_INDIRECT_DESC;

    ImageFile file{image_size};
    std::unique_ptr<IoRing> io_ring;
    std::unique_ptr<BlkDevice> device;
    FakeRing queue = ring(0, 128);

    explicit BlkFixture(EngineKind kind = EngineKind::ring, bool read_only = false,
                        std::uint64_t features = all_features) {
        auto image = DiskImage::open(file.path, read_only);
        REQUIRE(image.has_value());
        const int fd = image->file.get();
        std::unique_ptr<IoEngine> engine;
        if (kind == EngineKind::ring) {
            auto made = IoRing::create(*loop, std::span(&fd, 1));
            REQUIRE(made.has_value());
            io_ring = std::move(*made);
            engine = io_ring->engine(0);
        } else {
            engine = std::make_unique<SyncEngine>(fd);
        }
        device = std::make_unique<BlkDevice>(*loop, 0, std::move(*image), std::move(engine), "serial");
        activate(features);
    }
    void activate(std::uint64_t features) {
        const tenon::abi::QueueSetup setup = queue.setup();
        REQUIRE(device->activate(features, std::span(&setup, 1), guest, signals));
    }

    /// A chain of header, data and status from descriptor 3 * `index` on. No data if `size` is 0.
    void request(std::uint32_t type, std::uint64_t sector, std::uint64_t address, std::uint32_t size,
                 std::uint16_t index = 0) {
        const auto first = static_cast<std::uint16_t>(3 * index);
        memory.write(header + 16U * index, virtio_blk_outhdr{.type = type, .ioprio = 0, .sector = sector});
        memory.write(status + index, untouched);
        const bool in = type == VIRTIO_BLK_T_IN || type == VIRTIO_BLK_T_GET_ID;
        queue.descriptor(first, header + 16U * index, 16, next, size != 0 ? first + 1U : first + 2U);
        if (size != 0)
            queue.descriptor(first + 1U, address, size, static_cast<std::uint16_t>(next | (in ? write : 0)),
                             first + 2U);
        queue.descriptor(first + 2U, status + index, 1, write);
        queue.offer(first);
    }
    /// Rings, and serves until everything that was offered has been used.
    [[nodiscard]] bool serve_all() {
        device->queue_notified(0);
        return serve_until([this] { return queue.used_index() == queue.next; });
    }
    /// The status of the one request.
    std::uint8_t status_after(std::uint32_t type, std::uint64_t sector, std::uint32_t size = 0,
                              std::uint64_t address = data) {
        request(type, sector, address, size);
        REQUIRE(serve_all());
        return memory.read<std::uint8_t>(status);
    }
    [[nodiscard]] std::string on_disk(off_t offset, std::size_t size) const {
        std::string text(size, '\0');
        const int fd = open(file.path, O_RDONLY | O_CLOEXEC);
        REQUIRE(pread(fd, text.data(), size, offset) == static_cast<ssize_t>(size));
        close(fd);
        return text;
    }
};

}  // namespace hv::test
