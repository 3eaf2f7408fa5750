#include "site.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target.h"

static const char index_name[] = "index.html";

int site_open(const char* root) { return open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC); }

static int status_of_errno(void) {
    switch (errno) {
        case ENOENT:
        case ENOTDIR:
        case ENAMETOOLONG:
            return 404;
        case EACCES:
        case EPERM:
        case ELOOP:  // a symbolic link
        case ENXIO:  // a socket
            return 403;
        case EMFILE:
        case ENFILE:
        case ENOMEM:
            return 503;
        default:
            return 500;
    }
}

// Opens one part of a path. Returns 200 and the descriptor, or the status of the error.
static int open_part(int directory, const char* name, int flags, int* descriptor) {
    if (name[0] == '.') return 404;
    *descriptor = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);
    return *descriptor >= 0 ? 200 : status_of_errno();
}

// Opens all parts of the path except the last one, one by one. Sets *last to the beginning of the last part.
static int open_directory(int root, char* path, int* directory, const char** last) {
    int status = 200;
    char* slash;

    *directory = root;
    while (status == 200 && (slash = strchr(path, '/')) != NULL) {
        int parent = *directory;
        *slash = '\0';
        status = open_part(parent, path, O_DIRECTORY, directory);
        if (parent != root) close(parent);
        path = slash + 1;
    }
    *last = path;
    return status;
}

static int inspect(struct file* file) {
    struct stat status;

    if (fstat(file->descriptor, &status) != 0) return 500;
    if (!S_ISREG(status.st_mode)) return S_ISDIR(status.st_mode) ? 301 : 403;
    file->size = (uint64_t)status.st_size;
    file->modified = status.st_mtime;
    return 200;
}

int site_open_file(int root, const char* path, struct file* file) {
    char parts[PATH_SIZE];
    const char* last;
    int directory;

    *file = (struct file){-1, 0, 0};
    if (strlen(path) >= sizeof(parts)) return 404;
    strcpy(parts, path);
    int status = open_directory(root, parts, &directory, &last);
    if (status != 200) return status;

    bool is_directory = last[0] == '\0';
    status = open_part(directory, is_directory ? index_name : last, 0, &file->descriptor);
    if (directory != root) close(directory);
    if (status == 404 && is_directory) status = 403;  // the directory exists, but the server does not list directories
    if (status == 200) status = inspect(file);
    if (status == 301 && is_directory) status = 403;  // a directory that has the name of the index
    if (status == 200) return 200;
    if (file->descriptor >= 0) close(file->descriptor);
    file->descriptor = -1;
    return status;
}
