#include "runtime/foreign_nng.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>

#include "base/environment.h"
#include "base/mapped_file.h"

namespace naio {

#if defined(__linux__) && !defined(NAIO_PREFIXED)

namespace {

bool is_name_of_nng(const char* name) noexcept { return std::strncmp(name, "nng_", 4) == 0; }

// A file in which NNG's protocol stack is linked with naio is not NNG: it also defines naio_version.
bool is_nng(const MappedFile& file) noexcept {
    const bool has_sockets = file.find("nng_listen") != 0 || file.find("nng_dial") != 0;
    return has_sockets && file.find("nng_aio_alloc") != 0 && file.find("naio_version") == 0;
}

// False if no other file can call this library. A file that contains the static library exports only those of its names
// that a shared library that it was linked with has, too. The prefixed flavour has none of the names.
bool may_be_called(const MappedFile& own) noexcept {
    return own.find("nng_aio_alloc") != 0 || own.find("nng_init") != 0;
}

bool is_own(const MappedFile& file) noexcept {
    static const char inside = 0;
    return file.contains(reinterpret_cast<std::uintptr_t>(&inside));
}

// True if the loader has bound a reference of the file to this library, and NNG defines that name, too.
bool is_bound_to(const MappedFile& own, const MappedFile& file, const MappedFile& nng) noexcept {
    return file.any_reference([&](const MappedFile::Reference& each) {
        return each.value != 0 && is_name_of_nng(each.name) && each.value == own.find(each.name) &&
               nng.find(each.name) != 0;
    });
}

// True if NNG has a call that the loader will bind at its first use, to the first file in NNG's scope that has the
// name. A call that names a version is bound to NNG's own function.
bool has_unbound_call(const MappedFile& own, const MappedFile& nng) noexcept {
    return nng.any_reference([&](const MappedFile::Reference& each) {
        return !each.versioned && is_name_of_nng(each.name) && nng.contains(each.value) && own.find(each.name) != 0 &&
               each.value != nng.find(each.name);
    });
}

// True if the loader has bound a reference of NNG, to a name that both define, to NNG itself.
bool is_bound_to_itself(const MappedFile& own, const MappedFile& nng) noexcept {
    return nng.any_reference([&](const MappedFile::Reference& each) {
        return !each.versioned && is_name_of_nng(each.name) && own.find(each.name) != 0 &&
               each.value == nng.find(each.name);
    });
}

// A file and its place in the order of loading. The program has the place 0.
struct Placed {
    MappedFile file;
    unsigned place = 0;
};

// Calls visit(placed) for each file, until a call returns true. Returns whether one did.
template <class Visit>
bool any_placed_file(Visit visit) noexcept {
    unsigned next = 0;
    return any_mapped_file([&](const MappedFile& file) { return visit(Placed{file, next++}); });
}

// The files that have a given file in their scope: the file itself, those that need it, those that need these, and so
// on. If there are too many files, some are missing.
class Ancestors {
  public:
    explicit Ancestors(const Placed& of) noexcept {
        add(of);
        for (unsigned before = 0; before != count_;) {
            before = count_;
            any_placed_file([this](const Placed& each) {
                if (!has(each.place) && needs_one(each.file)) add(each);
                return count_ >= kRoom - 1;
            });
        }
    }

    [[nodiscard]] bool has(unsigned place) const noexcept {
        return std::any_of(begin(), end(), [place](const Placed& each) { return each.place == place; });
    }

  private:
    // The last place is for the program: when the others are taken, the next pass visits only the program.
    static constexpr unsigned kRoom = 64;

    [[nodiscard]] const Placed* begin() const noexcept { return files_.data(); }
    [[nodiscard]] const Placed* end() const noexcept { return files_.data() + count_; }
    void add(const Placed& file) noexcept { files_[count_++] = file; }

    [[nodiscard]] bool needs_one(const MappedFile& file) const noexcept {
        return file.any_needed([this](const char* name) {
            return std::any_of(begin(), end(), [name](const Placed& each) { return each.file.answers_to(name); });
        });
    }

    std::array<Placed, kRoom> files_;
    unsigned count_ = 0;
};

// True if this library comes before NNG in the scope in which the loader looks for the names that NNG calls. The scope
// begins with the program and all files that it needs. After these come the file with which NNG was loaded, and all
// files that this one needs. The order in each part is that of loading.
bool comes_first(const Placed& own, const Placed& nng) noexcept {
    const Ancestors of_own(own), of_nng(nng);
    if (of_own.has(0)) return !of_nng.has(0) || own.place < nng.place;
    for (unsigned root = 1; root < own.place && own.place < nng.place; ++root)
        if (of_own.has(root) && of_nng.has(root)) return true;
    return false;
}

bool calls_come_to(const Placed& own, const Placed& nng, const MappedFile& program) noexcept {
    if (is_bound_to(own.file, nng.file, nng.file)) return true;
    if (!has_unbound_call(own.file, nng.file)) return false;
    // The loader looks in one scope for all names that NNG calls. So NNG comes first in it, as with RTLD_DEEPBIND.
    if (is_bound_to_itself(own.file, nng.file)) return false;
    // The scope of the program is the first part of each scope.
    return is_bound_to(own.file, program, nng.file) || comes_first(own, nng);
}

struct ForeignFile {
    ForeignNng::Verdict verdict = ForeignNng::Verdict::kNone;
    MappedFile nng;
};

// Returns the first file whose calls come here, or else the first one that is NNG. A file that was linked with
// -Bsymbolic calls its own functions.
ForeignFile find_nng(const Placed& own, const MappedFile& program) noexcept {
    ForeignFile found;
    any_placed_file([&](const Placed& each) {
        if (each.place == own.place || !is_nng(each.file) || each.file.is_symbolic()) return false;
        const bool conflict = calls_come_to(own, each, program);
        if (conflict) found = {ForeignNng::Verdict::kConflict, each.file};
        if (found.verdict == ForeignNng::Verdict::kNone) found = {ForeignNng::Verdict::kUnclear, each.file};
        return conflict;
    });
    return found;
}

// Copies the end of the path, if the path is too long.
void copy_end(const char* path, std::span<char> to) noexcept {
    const std::size_t length = std::strlen(path), room = to.size() - 1;
    std::snprintf(to.data(), to.size(), "%s", length > room ? path + (length - room) : path);
}

bool accepts_any() noexcept {
    const char* const value = environment("NAIO_FOREIGN_NNG");
    return value != nullptr && std::strcmp(value, "accept") == 0;
}

}  // namespace

void ForeignNng::look() noexcept {
    if (accepts_any()) return;
    // The visitor is called with the program alone, and the list of files does not change during the call.
    any_mapped_file([this](const MappedFile& program) {
        Placed own;
        const bool known = any_placed_file([&own](const Placed& each) {
            own = each;
            return is_own(each.file);
        });
        if (!known || !may_be_called(own.file)) return true;
        const ForeignFile found = find_nng(own, program);
        verdict_ = found.verdict;
        if (verdict_ == Verdict::kNone) return true;
        copy_end(found.nng.name(), foreign_);
        copy_end(own.file.name(), own_);
        return true;
    });
}

#else

void ForeignNng::look() noexcept {}

#endif

void ForeignNng::describe(DumpLine& line) const noexcept {
    line.add("%s defines NNG's sockets and an nng_aio_alloc of its own, ", foreign_);
    if (verdict_ == Verdict::kConflict)
        line.add("but its calls of nng_ functions come to %s, so neither library can work; ", own_);
    else
        line.add("and so does %s: calls of nng_ functions may come to the wrong one; ", own_);
    line.add("use the prefixed flavour of naio (naio::prefixed), or set NAIO_FOREIGN_NNG=accept");
}

}  // namespace naio
