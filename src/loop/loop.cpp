#include "loop/loop.h"

#include <fcntl.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "base/fault.h"
#include "base/os.h"
#include "base/pipe.h"
#include "base/system_error.h"

namespace naio {

namespace {

template <class T, std::size_t kSize>
constexpr bool fits(const UvStructure<T, kSize>*) noexcept {
    return sizeof(T) <= kSize && alignof(T) <= alignof(UvStructure<T, kSize>);
}
static_assert(fits(static_cast<UvLoop*>(nullptr)) && fits(static_cast<UvPoll*>(nullptr)) &&
              fits(static_cast<UvAsync*>(nullptr)) && fits(static_cast<UvTimer*>(nullptr)));

// Returns the size of libuv's table of watched descriptors when the highest one is `descriptor`.
std::size_t table_size(int descriptor) noexcept {
    return std::bit_ceil(static_cast<std::size_t>(descriptor) + 3) * sizeof(void*);
}

// Allocates and releases a block to find out whether there is memory. The pointer is volatile; otherwise the compiler
// could remove the allocation, because the block is only released.
class Trial {
  public:
    explicit Trial(std::size_t size) noexcept : block_(std::malloc(size)) {}
    ~Trial() { std::free(block_); }
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    [[nodiscard]] bool succeeded() const noexcept { return block_ != nullptr; }

  private:
    void* volatile block_;
};

// libuv ends the process if there are no descriptors or no memory for the first loop. LoopTrial takes and releases as
// much as a loop needs, so that Loop::open can fail with an error instead.
class LoopTrial {
  public:
    LoopTrial() noexcept {
        for (; opened_ < kPipes; ++opened_) {
            int ends[2];
            error_ = open_pipe(ends);
            if (error_ != NNG_OK) return;
            ends_[2 * opened_] = ends[0];
            ends_[2 * opened_ + 1] = ends[1];
        }
        constexpr std::size_t kMoreThanLibuvNeeds = 1024;
        const int highest = *std::max_element(ends_.begin(), ends_.end());
        const Trial own(kMoreThanLibuvNeeds);
        const Trial table(table_size(highest));
        if (!own.succeeded() || !table.succeeded()) error_ = NNG_ENOMEM;
    }
    ~LoopTrial() {
        for (std::size_t i = 0; i < 2 * opened_; ++i) os::close(ends_[i]);
    }
    LoopTrial(const LoopTrial&) = delete;
    LoopTrial& operator=(const LoopTrial&) = delete;

    [[nodiscard]] nng_err error() const noexcept { return error_; }

  private:
    static constexpr std::size_t kPipes = 5;

    std::array<int, 2 * kPipes> ends_{};
    std::size_t opened_ = 0;
    nng_err error_ = NNG_OK;
};

// Occupies the descriptors 0 to 2 while a loop opens its own. A program may have closed its standard descriptors.
// Without the fillers, libuv's descriptors would get these numbers, and libuv does not allow that.
class StandardDescriptors {
  public:
    StandardDescriptors() noexcept {
        for (int& filler : fillers_) {
            filler = os::open("/dev/null", O_RDWR | O_CLOEXEC);
            if (filler > STDERR_FILENO || filler < 0) return;
        }
    }
    ~StandardDescriptors() {
        for (const int filler : fillers_)
            if (filler >= 0) os::close(filler);
    }
    StandardDescriptors(const StandardDescriptors&) = delete;
    StandardDescriptors& operator=(const StandardDescriptors&) = delete;

  private:
    std::array<int, 4> fillers_{-1, -1, -1, -1};  // the descriptors that were opened; the others are -1
};

}  // namespace

bool has_memory_to_watch(const uv_loop_t& loop, int descriptor) noexcept {
    return static_cast<unsigned>(descriptor) < loop.nwatchers || Trial(table_size(descriptor)).succeeded();
}

unsigned usable_processors() noexcept { return uv_available_parallelism(); }

Loop::Loop() noexcept : stop_([](void* loop) noexcept { uv_stop(static_cast<uv_loop_t*>(loop)); }, loop_.get()) {
    attach(stop_);
}

nng_err Loop::open() noexcept {
    const StandardDescriptors taken;
    nng_err error = NAIO_FAULT(loop_opens_without_a_trial) ? NNG_OK : LoopTrial().error();
    if (error == NNG_OK) error = system_error(-uv_loop_init(&uv()));
    if (error != NNG_OK) return error;
    std::size_t opened = 0;
    while (opened < attached_ && (error = sources_[opened]->open(uv())) == NNG_OK) ++opened;
    if (error == NNG_OK) error = open_epoll();
    if (error != NNG_OK) close_all(opened);
    return error;
}

void Loop::close_all(std::size_t opened) noexcept {
    close_epoll();
    for (std::size_t i = 0; i < opened; ++i) sources_[i]->close();
    // libuv finishes closing in the next iteration of the loop. After that the loop has nothing to watch, and uv_run
    // returns.
    uv_run(&uv(), UV_RUN_DEFAULT);
    uv_loop_close(&uv());
}

}  // namespace naio
