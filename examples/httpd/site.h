// Opens the files that the server serves: those below one directory.
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

// Returns a descriptor of the directory. On an error sets errno and returns -1.
int site_open(const char* root);

// Opens the file at a path that target_to_path has made. If the path is empty or ends with a slash, opens the
// index.html of that directory. Does not follow symbolic links in any part of the path, and does not find names that
// begin with a dot. So the function cannot reach a file outside the root, even while files are being renamed. Opens
// only files that can be read without blocking. Returns 200, or the status to answer with: 301 for a directory without
// the slash, 403, 404, 500, 503.
int site_open_file(int root, const char* path, struct file* file);

#endif
