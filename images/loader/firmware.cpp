// SPDX-License-Identifier: Apache-2.0
// The firmware's services that the loader uses (UEFI 2.10, sections 7, 9 and 13).
#include "images/loader/firmware.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "hypercall/layout.h"

namespace tenon::loader {

namespace {

/// Errors have the highest bit (appendix D).
bool failed(EFI_STATUS status) { return (status >> 63) != 0; }

template <typename Protocol>
Protocol* protocol_of(EFI_BOOT_SERVICES& services, EFI_HANDLE handle, EFI_GUID id) {
    void* protocol = nullptr;
    return failed(services.HandleProtocol(handle, &id, &protocol)) ? nullptr : static_cast<Protocol*>(protocol);
}

/// Closes at the end of its scope.
class File {
public:
    File() = default;
    ~File() {
        if (file_ != nullptr) file_->Close(file_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    EFI_FILE** target() { return &file_; }
    EFI_FILE* operator->() const { return file_; }
    [[nodiscard]] EFI_FILE* get() const { return file_; }

private:
    EFI_FILE* file_ = nullptr;
};

}  // namespace

void Firmware::print(std::string_view text) {
    std::array<CHAR16, 512> wide{};  // ends with a zero
    std::size_t size = 0;
    for (const char c : text) {
        if (size + 2 >= wide.size()) break;
        if (c == '\n') wide[size++] = '\r';
        wide[size++] = static_cast<unsigned char>(c);
    }
    system_.ConOut->OutputString(system_.ConOut, wide.data());
}

Result<std::span<const std::byte>> Firmware::loader_file() {
    const auto* image = protocol_of<EFI_LOADED_IMAGE>(services_, loader_, EFI_LOADED_IMAGE_PROTOCOL_GUID);
    if (image == nullptr) return fail("the firmware does not say where it has loaded the loader");
    return std::span(static_cast<const std::byte*>(image->ImageBase), image->ImageSize);
}

Result<std::size_t> Firmware::read_file(std::string_view name, std::span<char> target) {
    const auto* image = protocol_of<EFI_LOADED_IMAGE>(services_, loader_, EFI_LOADED_IMAGE_PROTOCOL_GUID);
    if (image == nullptr || image->DeviceHandle == nullptr) return 0;
    auto* volume =
        protocol_of<EFI_FILE_IO_INTERFACE>(services_, image->DeviceHandle, EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID);
    if (volume == nullptr) return 0;
    File root, file;
    if (const EFI_STATUS status = volume->OpenVolume(volume, root.target()); failed(status))
        return fail("the file system that the loader came from cannot be opened: EFI status %", {status});
    std::array<CHAR16, 32> path{};
    std::copy_n(name.begin(), std::min(name.size(), path.size() - 1), path.begin());
    const EFI_STATUS opened = root->Open(root.get(), file.target(), path.data(), EFI_FILE_MODE_READ, 0);
    if (opened == EFI_NOT_FOUND) return 0;
    if (failed(opened)) return fail("cmdline.txt cannot be opened: EFI status %", {opened});
    UINTN size = target.size();
    if (const EFI_STATUS status = file->Read(file.get(), &size, target.data()); failed(status))
        return fail("cmdline.txt cannot be read: EFI status %", {status});
    if (size == target.size()) return fail("cmdline.txt has % bytes or more", {size});
    return size;
}

std::uint64_t Firmware::acpi_root() {
    constexpr EFI_GUID first = ACPI_TABLE_GUID, second = ACPI_20_TABLE_GUID;
    const std::span tables(system_.ConfigurationTable, system_.NumberOfTableEntries);
    for (const EFI_GUID& id : {second, first})
        for (const EFI_CONFIGURATION_TABLE& table : tables)
            if (std::memcmp(&table.VendorGuid, &id, sizeof id) == 0)
                return reinterpret_cast<std::uint64_t>(table.VendorTable);
    return 0;
}

Result<std::span<std::byte>> Firmware::allocate(std::size_t size) {
    const std::size_t pages = abi::round_up_to_page(size) / abi::page_size;
    EFI_PHYSICAL_ADDRESS address = abi::hole_end - 1;
    // The firmware may forbid that code runs from other types of memory.
    if (const EFI_STATUS status = services_.AllocatePages(AllocateMaxAddress, EfiLoaderCode, pages, &address);
        failed(status))
        return fail("there are no % free bytes below 4 GiB (give the machine more memory): EFI status %",
                    {size, status});
    return std::span(reinterpret_cast<std::byte*>(address), pages * abi::page_size);
}

Result<> Firmware::reserve(const FirmwareMap& map, const Extent& extent) {
    for (std::size_t i = 0; i < map.size(); ++i) {
        const FirmwareMemory memory = map[i];
        EFI_PHYSICAL_ADDRESS begin = std::max(memory.base, extent.begin);
        const std::uint64_t end = std::min(memory.end(), extent.end);
        if (memory.type != FirmwareMemoryType::conventional || begin >= end) continue;
        const UINTN pages = (end - begin) / abi::page_size;
        if (const EFI_STATUS status = services_.AllocatePages(AllocateAddress, EfiLoaderData, pages, &begin);
            failed(status))
            return fail("the firmware does not give the memory at % to %, where the image must be: EFI status %",
                        {begin, end, status});
    }
    return {};
}

Result<FirmwareMap> Firmware::memory_map() {
    UINTN size = map_buffer_.size(), stride = 0;
    UINT32 version = 0;
    const auto read = [&] {
        return services_.GetMemoryMap(&size, reinterpret_cast<EFI_MEMORY_DESCRIPTOR*>(map_buffer_.data()), &map_key_,
                                      &stride, &version);
    };
    EFI_STATUS status = read();
    if (map_buffer_.empty() && status == EFI_BUFFER_TOO_SMALL) {
        // Allocations add descriptors.
        constexpr std::size_t room_for_more = 16 * 1024;
        auto buffer = allocate(size + room_for_more);
        PROPAGATE(buffer);
        map_buffer_ = *buffer;
        size = map_buffer_.size();
        status = read();
    }
    if (failed(status)) return fail("the firmware does not give its memory map: EFI status %", {status});
    return FirmwareMap(map_buffer_.first(size), stride);
}

bool Firmware::exit() { return !failed(services_.ExitBootServices(loader_, map_key_)); }

}  // namespace tenon::loader
