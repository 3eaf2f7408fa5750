// Defines naio_file_*: operations on files.
#include "io/file.h"

#include <naio/naio.h>

#include <optional>

#include "base/panic.h"
#include "capi/forked.h"
#include "capi/operation.h"
#include "capi/with_vectors.h"
#include "io/files.h"
#include "runtime/runtime.h"

using naio::checked;
using naio::startable;
using naio::with_vectors;

extern "C" {

void naio_file_open(const char* path, unsigned flags, unsigned mode, nng_aio* aio) {
    naio::require(path, __func__);
    naio::runtime().files().open(startable(aio, naio::Api::naio_file_open), path, flags, mode);
}

void naio_file_close(naio_file* file, nng_aio* aio) {
    checked(file, __func__).close(startable(aio, naio::Api::naio_file_close));
}

void naio_file_free(naio_file* file) {
    if (naio::is_ours(file)) file->free();
}

void naio_file_read(naio_file* file, nng_aio* aio) {
    checked(file, __func__).read(with_vectors(aio, naio::Api::naio_file_read), std::nullopt);
}

void naio_file_write(naio_file* file, nng_aio* aio) {
    checked(file, __func__).write(with_vectors(aio, naio::Api::naio_file_write), std::nullopt);
}

void naio_file_pread(naio_file* file, uint64_t offset, nng_aio* aio) {
    checked(file, __func__).read(with_vectors(aio, naio::Api::naio_file_pread), offset);
}

void naio_file_pwrite(naio_file* file, uint64_t offset, nng_aio* aio) {
    checked(file, __func__).write(with_vectors(aio, naio::Api::naio_file_pwrite), offset);
}

void naio_file_sync(naio_file* file, nng_aio* aio) {
    checked(file, __func__).sync(startable(aio, naio::Api::naio_file_sync));
}

void naio_file_stat(naio_file* file, naio_file_status* status, nng_aio* aio) {
    checked(file, __func__).status(startable(aio, naio::Api::naio_file_stat), checked(status, __func__));
}

}  // extern "C"
