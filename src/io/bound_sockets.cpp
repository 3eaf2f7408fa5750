#include "io/bound_sockets.h"

#if defined(__linux__)

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/os.h"
#include "io/system_calls.h"

namespace naio {

namespace {

std::string_view last_part(std::string_view path) noexcept { return path.substr(path.rfind('/') + 1); }

// A netlink message or attribute: a header that begins with the item's length, then the content, aligned to 4 bytes.
template <class Header>
struct Item {
    Header header;
    std::string_view content;
};

// Takes the first item from `bytes`. False if `bytes` is empty or does not begin with a whole item.
template <class Header, class Length>
bool take(std::string_view& bytes, Length Header::*length, Item<Header>& item) noexcept {
    constexpr std::size_t kHeader = (sizeof(Header) + 3) & ~std::size_t{3};
    if (bytes.size() < kHeader) return false;
    std::memcpy(&item.header, bytes.data(), sizeof(Header));
    const std::size_t size = item.header.*length;
    if (size < kHeader || size > bytes.size()) return false;
    item.content = bytes.substr(kHeader, size - kHeader);
    bytes.remove_prefix(std::min(bytes.size(), (size + 3) & ~std::size_t{3}));
    return true;
}

// The file to look for, with the numbers by which the kernel's list names it.
class Sought {
  public:
    Sought(const struct stat& file, const char* path) noexcept
        : inode_(static_cast<std::uint32_t>(file.st_ino)),
          device_((major(file.st_dev) << 20) | minor(file.st_dev)),
          name_(last_part(path)) {}

    // True if the message is about a socket that is bound to the file.
    [[nodiscard]] bool is_in(std::string_view content) const noexcept {
        if (content.size() < sizeof(unix_diag_msg)) return false;
        content.remove_prefix(sizeof(unix_diag_msg));
        unix_diag_vfs place{};
        std::string_view name;
        for (Item<nlattr> each{}; take(content, &nlattr::nla_len, each);) {
            if (each.header.nla_type == UNIX_DIAG_NAME) name = each.content;
            if (each.header.nla_type == UNIX_DIAG_VFS && each.content.size() >= sizeof(place))
                std::memcpy(&place, each.content.data(), sizeof(place));
        }
        return is_at(place, name.substr(0, name.find('\0')));
    }

  private:
    // True if the list gives the socket the file's inode number, and also the file's device or the file's name. The
    // device need not match, because on some file systems (btrfs, overlayfs) the list has another device for a file
    // than stat reports.
    [[nodiscard]] bool is_at(const unix_diag_vfs& place, std::string_view name) const noexcept {
        return place.udiag_vfs_ino == inode_ && (place.udiag_vfs_dev == device_ || last_part(name) == name_);
    }

    const std::uint32_t inode_;  // the lower 32 bits of the inode number, because the kernel reports no more
    const std::uint32_t device_;
    const std::string_view name_;
};

bool ask(int fd) noexcept {
    struct {
        nlmsghdr header;
        unix_diag_req request;
    } message{};
    message.header = {.nlmsg_len = sizeof(message),
                      .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                      .nlmsg_seq = 0,
                      .nlmsg_pid = 0};
    message.request.sdiag_family = AF_UNIX;
    message.request.udiag_states = ~0u;
    message.request.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS;
    return os::send(fd, &message, sizeof(message), 0) == static_cast<ssize_t>(sizeof(message));
}

// Returns kNo if the message that ends the list reports no error, otherwise kUnknown.
Bound end_of_list(std::string_view content) noexcept {
    int error = 0;
    if (content.size() >= sizeof(error)) std::memcpy(&error, content.data(), sizeof(error));
    return error == 0 ? Bound::kNo : Bound::kUnknown;
}

Bound look_through_answer(int fd, const Sought& file) noexcept {
    alignas(nlmsghdr) char buffer[1 << 14];
    for (;;) {
        const ssize_t got = uninterrupted([&] { return os::recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT); });
        if (got <= 0) return Bound::kUnknown;
        std::string_view bytes{buffer, static_cast<std::size_t>(got)};
        for (Item<nlmsghdr> each{}; take(bytes, &nlmsghdr::nlmsg_len, each);) {
            if (each.header.nlmsg_type == NLMSG_DONE) return end_of_list(each.content);
            if (each.header.nlmsg_type == NLMSG_ERROR) return Bound::kUnknown;
            if (file.is_in(each.content)) return Bound::kYes;
        }
    }
}

}  // namespace

Bound find_bound_socket(const struct stat& file, const char* path) noexcept {
    const int fd = system_calls.socket(AF_NETLINK, SOCK_DGRAM, NETLINK_SOCK_DIAG);
    if (fd < 0) return Bound::kUnknown;
    const Bound found = ask(fd) ? look_through_answer(fd, Sought(file, path)) : Bound::kUnknown;
    os::close(fd);
    return found;
}

}  // namespace naio

#else

namespace naio {

Bound find_bound_socket(const struct stat&, const char*) noexcept { return Bound::kUnknown; }

}  // namespace naio

#endif
