// struct naio_file: an open file. The C type is this class.
//
// The object is a PolledFile if the system can poll the file, otherwise a ThreadedFile. Any thread may call the
// functions. free gives up the handle. close gives up the handle, too, except in two cases: its start is refused, or a
// request ends the close operation.
#pragma once

#include <naio/naio.h>

#include "aio/aio.h"
#include "io/file_operation.h"

struct naio_file {
  public:
    virtual void read(nng_aio& aio, naio::Offset offset) noexcept = 0;
    virtual void write(nng_aio& aio, naio::Offset offset) noexcept = 0;
    virtual void sync(nng_aio& aio) noexcept = 0;
    virtual void status(nng_aio& aio, naio_file_status& to) noexcept = 0;
    virtual void close(nng_aio& aio) noexcept = 0;
    virtual void free() noexcept = 0;

    naio_file(const naio_file&) = delete;
    naio_file& operator=(const naio_file&) = delete;

  protected:
    naio_file() noexcept = default;
    ~naio_file() = default;
};

namespace naio {
using File = ::naio_file;
}
