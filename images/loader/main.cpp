// SPDX-License-Identifier: Apache-2.0
// The UEFI loader: boots the image that it carries as a hypervisor does that speaks PVH.
//
// The kernel's command line is the file cmdline.txt of the partition that the loader came from. An error is printed on
// the firmware's console, and the firmware goes on.
#include <new>

#include "hypercall/layout.h"
#include "images/loader/carried.h"
#include "images/loader/command_line.h"
#include "images/loader/firmware.h"
#include "images/loader/handover.h"
#include "images/loader/image.h"

namespace tenon::loader {

namespace {

std::uint64_t read_tsc() { return __builtin_ia32_rdtsc(); }

std::uint32_t address_of(const void* pointer) {
    return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(pointer));
}

Result<std::string_view> load_command_line(Firmware& firmware, Handover& handover) {
    auto buffer = firmware.allocate(longest_command_line_file);
    PROPAGATE(buffer);
    const std::span file(reinterpret_cast<char*>(buffer->data()), buffer->size());
    const auto file_size = firmware.read_file("cmdline.txt", file);
    PROPAGATE(file_size);
    const std::span text = std::span(handover.command_line).first(longest_command_line);
    const auto size = read_command_line({file.data(), *file_size}, text);
    PROPAGATE(size);
    handover.command_line[*size] = '\0';
    return std::string_view(text.data(), *size);
}

/// A handover that is complete but for the memory map, and copies the image from behind itself.
Result<Handover*> prepare(Firmware& firmware, const ImageLayout& layout, std::span<const std::byte> file) {
    constexpr std::size_t handover_size = abi::round_up_to_page(sizeof(Handover));
    auto block = firmware.allocate(handover_size + layout.extent.size());
    PROPAGATE(block);
    auto& handover = *new (block->data()) Handover{};
    const auto command_line = load_command_line(firmware, handover);
    PROPAGATE(command_line);

    const std::span<std::byte> image = block->subspan(handover_size).first(layout.extent.size());
    expand_image(file, layout, image);
    handover.image_source = address_of(image.data());
    handover.image_target = static_cast<std::uint32_t>(layout.extent.begin);
    handover.image_words = static_cast<std::uint32_t>(image.size() / 4);
    handover.entry = layout.entry;
    handover.start_info = address_of(&handover.start);
    handover.start.magic = abi::pvh::start_info_magic;
    handover.start.version = 1;
    handover.start.command_line = address_of(handover.command_line.data());
    handover.start.acpi_rsdp = firmware.acpi_root();
    handover.start.memory_map = address_of(handover.memory_map.data());
    write_code(handover);
    return &handover;
}

/// Returns only with an error.
Result<> leave(Firmware& firmware, const ImageLayout& layout, Handover& handover) {
    // What the firmware does in the background may change the map between the two calls.
    constexpr int most_attempts = 4;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        const auto map = firmware.memory_map();
        PROPAGATE(map);
        PROPAGATE(check_place(*map, layout.extent));
        const auto count = convert_map(*map, handover.memory_map);
        PROPAGATE(count);
        handover.start.memory_map_count = static_cast<std::uint32_t>(*count);
        if (firmware.exit()) enter_kernel(handover);
    }
    return fail("the firmware does not end its boot services");
}

Result<> boot(Firmware& firmware) {
    const std::uint64_t entered = read_tsc();
    const auto loader = firmware.loader_file();
    PROPAGATE(loader);
    const auto file = carried_image(*loader);
    PROPAGATE(file);
    const auto layout = read_image(*file);
    PROPAGATE(layout);

    auto map = firmware.memory_map();
    PROPAGATE(map);
    PROPAGATE(check_place(*map, layout->extent));
    PROPAGATE(firmware.reserve(*map, layout->extent));
    const auto handover = prepare(firmware, *layout, *file);
    PROPAGATE(handover);
    if (has_option({(*handover)->command_line.data()}, "verbose"))
        firmware.print(Error("tenon loader: image of % bytes at % to %, TSC % to %\n",
                             {file->size(), layout->extent.begin, layout->extent.end, entered, read_tsc()})
                           .message());
    return leave(firmware, *layout, **handover);
}

}  // namespace

}  // namespace tenon::loader

/// Called by GNU-EFI's entry code.
extern "C" EFI_STATUS efi_main(EFI_HANDLE loader, EFI_SYSTEM_TABLE* system) {
    tenon::loader::Firmware firmware(loader, *system);
    const auto result = tenon::loader::boot(firmware);
    firmware.print("tenon: cannot boot: ");
    firmware.print(result.error().message());
    firmware.print("\n");
    // The firmware may clear the screen next.
    firmware.wait(2'000'000);
    return EFI_LOAD_ERROR;
}
