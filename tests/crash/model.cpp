// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/model.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace tenon::crash {

void fill(std::span<std::byte> bytes, std::uint32_t stamp, std::size_t index) {
    if (stamp == 0) {
        std::ranges::fill(bytes, std::byte{0});
        return;
    }
    std::uint64_t state = std::uint64_t{stamp} << 32 | index;
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(state)) {
        state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
        std::memcpy(&bytes[at], &state, sizeof(state));
    }
    // To be read in a dump.
    std::memcpy(bytes.data(), &stamp, sizeof(stamp));
}

Model::Version& Model::latest(const std::string& path) {
    Path& found = paths_[path];
    if (found.versions.empty()) found.versions.push_back({0, 0, 0, Kind::absent, {}, {}});
    return found.versions.back();
}

Model::Version& Model::change(const std::string& path) {
    Version next = latest(path);
    next.serial = ++serial_;
    next.from = position_;
    return paths_[path].versions.emplace_back(std::move(next));
}

bool Model::exists(const std::string& path) { return latest(path).kind != Kind::absent; }

void Model::made(const std::string& path, Kind kind, const std::string& target) {
    Version& version = change(path);
    version.identity = ++identity_;
    version.kind = kind;
    version.stamps.clear();
    version.target = target;
}

void Model::removed(const std::string& path) {
    Version& version = change(path);
    version.identity = ++identity_;
    version.kind = Kind::absent;
    version.stamps.clear();
}

void Model::wrote(const std::string& path, std::size_t first, std::span<const std::uint32_t> stamps,
                  std::size_t per_block) {
    while (!stamps.empty()) {
        const std::size_t count = std::min(stamps.size(), per_block - first % per_block);
        Version& version = change(path);
        version.stamps.resize(std::max(version.stamps.size(), first + count));
        std::ranges::copy(stamps.first(count), version.stamps.begin() + static_cast<std::ptrdiff_t>(first));
        stamps = stamps.subspan(count);
        first += count;
    }
}

void Model::resized(const std::string& path, std::size_t sectors, std::size_t per_block) {
    const std::size_t end = (sectors + per_block - 1) / per_block * per_block;
    if (sectors < latest(path).stamps.size()) {
        // The rest of the last block may be zeros before the size is less: as data, it is not part of the transaction.
        Stamps& stamps = change(path).stamps;
        std::fill(stamps.begin() + static_cast<std::ptrdiff_t>(sectors),
                  stamps.begin() + static_cast<std::ptrdiff_t>(std::min(end, stamps.size())), 0);
    }
    change(path).stamps.resize(sectors);
}

std::vector<std::string> Model::below(const std::string& path) const {
    std::vector<std::string> found;
    const std::string prefix = path + '/';
    for (auto at = paths_.lower_bound(prefix); at != paths_.end() && at->first.starts_with(prefix); ++at)
        found.push_back(at->first);
    return found;
}

void Model::copy(const Path& from, const std::string& to) {
    const std::uint32_t identity = from.versions.back().identity;
    const std::uint32_t durable = last(from.contents, position_);
    latest(to);
    for (Version version : from.versions) {
        if (version.identity != identity || version.serial < durable) continue;
        version.serial = ++serial_;
        version.from = position_;
        paths_[to].versions.push_back(std::move(version));
    }
}

void Model::renamed(const std::string& from, const std::string& to) {
    for (const std::string& path : below(from)) {
        if (!exists(path)) continue;
        const Path moved = paths_[path];
        copy(moved, to + path.substr(from.size()));
        removed(path);
    }
    const Path moved = paths_[from];
    copy(moved, to);
    removed(from);
}

void Model::exchanged(const std::string& one, const std::string& other) {
    const Path first = paths_[one], second = paths_[other];
    copy(first, other);
    copy(second, one);
}

void Model::linked(const std::string& path, const std::string& to) {
    const Path shared = paths_[path];
    copy(shared, to);
}

void Model::acknowledge(const std::string& path) {
    if (!path.empty()) {
        const Acknowledgement now{position_, latest(path).serial};
        paths_[path].names.push_back(now);
        paths_[path].contents.push_back(now);
        if (latest(path).kind != Kind::directory) return;
    }
    for (const std::string& entry : below(path))
        if (entry.find('/', path.size() + 1) == std::string::npos)
            paths_[entry].names.push_back({position_, latest(entry).serial});
}

void Model::acknowledge_names() {
    for (auto& [name, path] : paths_) path.names.push_back({position_, path.versions.back().serial});
}

void Model::acknowledge_all() {
    acknowledge_names();
    for (auto& [name, path] : paths_) path.contents.push_back({position_, path.versions.back().serial});
}

std::uint32_t Model::last(const std::vector<Acknowledgement>& all, std::size_t position) {
    const auto after =
        std::ranges::upper_bound(all, position, {}, [](const Acknowledgement& each) { return each.from; });
    return after == all.begin() ? 0 : std::prev(after)->serial;
}

std::string Model::compare(View& view, const std::string& name, const Path& path, std::size_t position) const {
    const std::uint32_t content = last(path.contents, position);
    const std::uint32_t durable = std::max(last(path.names, position), content);
    // Versions that may be found, by the file that they belong to.
    std::map<std::uint32_t, std::vector<const Version*>> identities;
    std::set<Kind> kinds;
    const auto named = std::ranges::find(path.versions, durable, &Version::serial);
    for (const Version& version : path.versions) {
        if (version.from > position || version.serial < content) continue;
        const bool newer = version.serial >= durable;
        if (newer) kinds.insert(version.kind);
        if (newer || (named != path.versions.end() && version.identity == named->identity))
            identities[version.identity].push_back(&version);
    }
    const View::Found found = view.look(name);
    if (!kinds.contains(found.kind)) return "is of kind " + std::to_string(static_cast<int>(found.kind));
    if (found.kind == Kind::link) {
        const std::string target = view.target(name);
        for (const auto& [identity, versions] : identities)
            for (const Version* version : versions)
                if (version->kind == Kind::link && version->target == target) return {};
        return "points to '" + target + "'";
    }
    if (found.kind != Kind::file) return {};

    std::vector<std::byte> contents(found.size);
    if (found.size % sector != 0 || found.size > (std::uint64_t{1} << 30) || !view.read(name, contents))
        return "cannot be read, its size is " + std::to_string(found.size);
    const std::size_t sectors = found.size / sector;
    std::string why = "has none of the sizes that it may have, but " + std::to_string(found.size);
    std::byte wanted[sector];
    for (const auto& [identity, versions] : identities) {
        if (std::ranges::none_of(versions, [&](const Version* version) {
                return version->kind == Kind::file && version->stamps.size() == sectors;
            }))
            continue;
        bool good = true;
        for (std::size_t index = 0; index < sectors && good; ++index) {
            const std::byte* got = &contents[index * sector];
            good = std::ranges::any_of(versions, [&](const Version* version) {
                if (index >= version->stamps.size()) return false;
                fill(wanted, version->stamps[index], index);
                return std::memcmp(got, wanted, sector) == 0;
            });
            if (!good) {
                std::uint32_t stamp = 0;
                std::memcpy(&stamp, got, sizeof(stamp));
                why = "has stamp " + std::to_string(stamp) + " in sector " + std::to_string(index) + " of " +
                      std::to_string(sectors);
            }
        }
        if (good) return {};
    }
    return why;
}

std::string Model::compare(View& view, std::size_t position) const {
    std::string wrong;
    std::map<std::string, std::set<std::string>> present;
    present[""];
    for (const auto& [name, path] : paths_) {
        if (const std::string why = compare(view, name, path, position); !why.empty()) wrong += name + " " + why + "; ";
        const Kind kind = view.look(name).kind;
        if (kind == Kind::directory) present[name];
        if (kind != Kind::absent) present[name.substr(0, name.rfind('/'))].insert(name.substr(name.rfind('/') + 1));
    }
    // A directory's entries are what is found by name, each once.
    for (const auto& [directory, names] : present) {
        std::vector<std::string> listed = view.list(directory);
        std::ranges::sort(listed);
        if (!std::ranges::equal(listed, names))
            wrong += directory + "/ lists " + std::to_string(listed.size()) + " entries, of which " +
                     std::to_string(names.size()) + " are found by name; ";
    }
    return wrong;
}

}  // namespace tenon::crash
