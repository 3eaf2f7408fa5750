// Files of the simulated system: one folder, with regular files and socket files. By chance, reads and writes
// move fewer bytes than asked for, or fail as a device does (Failure::kDevice).
#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cstring>

#include "base/mutex.h"
#include "base/os.h"
#include "failures.h"
#include "kernel.h"

namespace simulation::kernel {

namespace {

struct Files {
    std::map<std::string, std::shared_ptr<File>> files;
    std::shared_ptr<File> folder =
        std::make_shared<File>(File{.mode = S_IFDIR | 0700, .number = 1, .bytes = {}, .bound = {}});
    ino_t next = 2;
};

Files& all() {
    static Files instance;
    return instance;
}

bool is_simulated(const std::string& path) { return path.starts_with(kFolder); }

class OpenFile final : public Object {
  public:
    OpenFile(std::shared_ptr<File> file, int how) : file_(std::move(file)) { flags = how; }

    ssize_t read(const iovec* pieces, int count, off_t at) {
        if (by_chance(Chances::kNone, 16)) return fail(EINTR);
        if ((flags & O_ACCMODE) == O_WRONLY) return fail(EBADF);
        if (fails(Failure::kDevice)) return fail(EIO);
        const auto& bytes = file_->bytes;
        const std::size_t begin = std::min(bytes.size(), at >= 0 ? static_cast<std::size_t>(at) : position_);
        std::size_t left = cut(std::min(bytes.size() - begin, size_of(pieces, count)));
        const std::size_t end = begin + left;
        std::size_t from = begin;
        for (int i = 0; i < count && left != 0; ++i) {
            const std::size_t size = std::min(left, pieces[i].iov_len);
            if (size != 0) std::memcpy(pieces[i].iov_base, bytes.data() + from, size);
            from += size;
            left -= size;
        }
        if (at < 0) position_ = std::max(position_, end);
        return static_cast<ssize_t>(end - begin);
    }

    ssize_t write(const iovec* pieces, int count, off_t at) {
        if (by_chance(Chances::kNone, 16)) return fail(EINTR);
        if ((flags & O_ACCMODE) == O_RDONLY) return fail(EBADF);
        if (fails(Failure::kDevice)) return fail(random_below(2) == 0 ? EIO : ENOSPC);
        auto& bytes = file_->bytes;
        std::size_t to = at >= 0 ? static_cast<std::size_t>(at) : position_;
        if ((flags & O_APPEND) != 0) to = bytes.size();  // on Linux, pwrite appends, too
        const std::size_t size = cut(size_of(pieces, count));
        if (bytes.size() < to + size) bytes.resize(to + size);
        std::size_t left = size;
        for (int i = 0; i < count && left != 0; ++i) {
            const std::size_t part = std::min(left, pieces[i].iov_len);
            if (part != 0) std::memcpy(bytes.data() + to, pieces[i].iov_base, part);
            to += part;
            left -= part;
        }
        if (at < 0) position_ = to;
        return static_cast<ssize_t>(size);
    }

    int lock(int operation) {
        if (by_chance(Chances::kNone, 16)) return fail(EINTR);
        if ((operation & LOCK_UN) != 0) {
            if (file_->locked_by == this) file_->locked_by = nullptr;
            return 0;
        }
        if (file_->locked_by != nullptr && file_->locked_by != this) return fail(EWOULDBLOCK);
        file_->locked_by = this;
        return 0;
    }

    void describe(struct stat& status) const override { describe_file(*file_, status); }
    void close() override {
        if (file_->locked_by == this) file_->locked_by = nullptr;
    }

    static void describe_file(const File& file, struct stat& status) {
        status.st_mode = file.mode;
        status.st_ino = file.number;
        status.st_dev = 1;
        status.st_size = static_cast<off_t>(file.bytes.size());
    }

  private:
    static std::size_t size_of(const iovec* pieces, int count) {
        std::size_t size = 0;
        for (int i = 0; i < count; ++i) size += pieces[i].iov_len;
        return size;
    }

    const std::shared_ptr<File> file_;
    std::size_t position_ = 0;
};

int tell_status(const std::shared_ptr<File>& file, struct stat* status) {
    if (file == nullptr) return fail(ENOENT);
    std::memset(status, 0, sizeof *status);
    OpenFile::describe_file(*file, *status);
    return 0;
}

}  // namespace

std::shared_ptr<File> find_file(const std::string& path) {
    if (path == kFolder) return all().folder;
    const auto at = all().files.find(path);
    return at != all().files.end() ? at->second : nullptr;
}

std::shared_ptr<File> make_file(const std::string& path, mode_t mode) {
    errno = is_simulated(path) ? EEXIST : ENOENT;
    if (!is_simulated(path) || find_file(path) != nullptr) return nullptr;
    auto file = std::make_shared<File>();
    file->mode = mode;
    file->number = all().next++;
    return all().files[path] = file;
}

void reset_files() { all() = {}; }

}  // namespace simulation::kernel

namespace naio::os {

using namespace simulation;
using namespace simulation::kernel;

int open(const char* path, int flags, mode_t mode) noexcept {
    if (!is_simulated(path)) return ::open(path, flags, mode);
    schedules::point();
    if (by_chance(Chances::kNone, 16)) return fail(EINTR);
    if (fails(Failure::kDescriptors)) return fail(random_below(2) == 0 ? EMFILE : ENFILE);
    auto file = find_file(path);
    if (file == nullptr && (flags & O_CREAT) == 0) return fail(ENOENT);
    if (file != nullptr && (flags & O_EXCL) != 0) return fail(EEXIST);
    if (file == nullptr) {
        if (fails(Failure::kDevice)) return fail(ENOSPC);
        file = make_file(path, S_IFREG | (mode & 0777));
    }
    if (S_ISDIR(file->mode) && (flags & O_ACCMODE) != O_RDONLY) return fail(EISDIR);
    if (S_ISSOCK(file->mode)) return fail(ENXIO);
    if ((flags & O_TRUNC) != 0) file->bytes.clear();
    return open_new(std::make_shared<OpenFile>(file, flags));
}

int stat(const char* path, struct stat* status) noexcept {
    schedules::point();
    return is_simulated(path) ? tell_status(find_file(path), status) : ::stat(path, status);
}
int lstat(const char* path, struct stat* status) noexcept { return os::stat(path, status); }

int fstat(int descriptor, struct stat* status) noexcept {
    if (descriptor < kFirst) return ::fstat(descriptor, status);
    const auto object = find(descriptor);
    if (object == nullptr) return -1;
    std::memset(status, 0, sizeof *status);
    object->describe(*status);
    return 0;
}

int chmod(const char* path, mode_t mode) noexcept {
    schedules::point();
    const auto file = find_file(path);
    if (file == nullptr) return fail(ENOENT);
    file->mode = (file->mode & S_IFMT) | mode;
    return 0;
}

int unlink(const char* path) noexcept {
    schedules::point();
    return all().files.erase(path) == 1 ? 0 : fail(ENOENT);
}

int fsync(int descriptor) noexcept {
    if (find_as<OpenFile>(descriptor) == nullptr) return -1;
    if (by_chance(Chances::kNone, 16)) return fail(EINTR);
    return fails(Failure::kDevice) ? fail(EIO) : 0;
}

int flock(int descriptor, int operation) noexcept {
    const auto file = find_as<OpenFile>(descriptor);
    return file != nullptr ? file->lock(operation) : -1;
}

ssize_t preadv(int descriptor, const iovec* pieces, int count, off_t at) noexcept {
    const auto file = find_as<OpenFile>(descriptor);
    return file != nullptr ? file->read(pieces, count, at) : -1;
}
ssize_t pwritev(int descriptor, const iovec* pieces, int count, off_t at) noexcept {
    const auto file = find_as<OpenFile>(descriptor);
    return file != nullptr ? file->write(pieces, count, at) : -1;
}
ssize_t readv(int descriptor, const iovec* pieces, int count) noexcept {
    return os::preadv(descriptor, pieces, count, -1);
}
ssize_t writev(int descriptor, const iovec* pieces, int count) noexcept {
    return os::pwritev(descriptor, pieces, count, -1);
}

int nanosleep(const timespec* time, timespec*) noexcept {
    Mutex mutex;
    Condition condition;
    Lock lock(mutex);
    condition.wait_for(mutex, std::chrono::seconds(time->tv_sec) + std::chrono::nanoseconds(time->tv_nsec));
    return 0;
}

}  // namespace naio::os
