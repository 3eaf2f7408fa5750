// The files that are served: those below a directory.
#ifndef SITE_H
#define SITE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct file {
    int descriptor;  // -1: none
    uint64_t size;
    time_t modified;
};

// A descriptor of the directory; -1 and errno.
int site_open(const char* root);

// Opens the file at a path of target.h; of a directory, with a slash at its end, its index.html. Symbolic links are not
// followed, in no part of the path, and names that begin with a dot are not seen. So no file outside is reached, even
// while files are renamed. Opens only files that can be read without waiting.
// 200, or the status to answer with: 301 for a directory without the slash, 403, 404, 500, 503.
int site_open_file(int root, const char* path, struct file* file);

#endif
