// Tests Message against a pair of strings, with random operations.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>

#include "msg/message.h"
#include "owned_message.h"
#include "support/scale.h"
#include "support/test_allocator.h"

namespace naio {
namespace {

using namespace support;

// A message, and two strings that model its body and its header. A step changes both in a random way and compares them.
// In some steps all allocations fail.
class Model {
  public:
    explicit Model(TestAllocator& allocator, unsigned seed)
        : allocator_(allocator), random_(seed), message_(Message::create(allocator, 0)) {}

    void step() {
        allocator_.fail_after(below(20) == 0 ? 0 : 1'000'000);
        if (below(3) != 0)
            change(message_->body(), body_, NNG_ENOMEM, SIZE_MAX);
        else
            change(message_->header(), header_, NNG_EINVAL, Header::kCapacity);
        if (below(50) == 0) change_size();
        if (below(50) == 0) change_message();
        ASSERT_EQ(text(message_->body()), body_);
        ASSERT_EQ(text(message_->header()), header_);
        ASSERT_GE(message_->body().capacity(), body_.size());
    }

  private:
    std::size_t below(std::size_t limit) { return random_() % limit; }
    std::size_t any_length() { return below(10) == 0 ? below(300) : below(20); }

    template <class Bytes>
    void change(Bytes& bytes, std::string& expected, nng_err full, std::size_t limit) {
        const std::size_t length = any_length();
        const bool removable = length <= expected.size();
        switch (below(5)) {
            case 0:
                add(expected, expected.size(), length, limit, full,
                    [&](const char* data) { return bytes.append(data, length); });
                break;
            case 1:
                add(expected, 0, length, limit, full, [&](const char* data) { return bytes.insert(data, length); });
                break;
            case 2:
                ASSERT_EQ(bytes.trim(length), removable ? NNG_OK : NNG_EINVAL);
                if (removable) expected.erase(0, length);
                break;
            case 3:
                ASSERT_EQ(bytes.chop(length), removable ? NNG_OK : NNG_EINVAL);
                if (removable) expected.erase(expected.size() - length);
                break;
            default:
                if (below(20) != 0) break;
                bytes.clear();
                expected.clear();
        }
    }

    template <class Add>
    void add(std::string& expected, std::size_t where, std::size_t length, std::size_t limit, nng_err full, Add add) {
        std::string data(length, '\0');
        for (char& c : data) c = static_cast<char>(random_());
        const nng_err error = add(data.data());
        ASSERT_TRUE(error == NNG_OK || error == full);
        if (error != NNG_OK) return;
        expected.insert(where, data);
        ASSERT_LE(expected.size(), limit);
    }

    void change_size() {
        const std::size_t size = below(2 * body_.size() + 10);
        const nng_err error = below(2) == 0 ? message_->body().reserve(size) : message_->body().resize(size);
        if (error != NNG_OK) return;
        ASSERT_GE(message_->body().capacity(), size);
        const std::size_t now = message_->body().size();
        if (now > body_.size()) body_ += text(message_->body()).substr(body_.size());
        body_.resize(now);
    }

    void change_message() {
        Owned copy(message_->duplicate());
        if (copy != nullptr) message_ = std::move(copy);
    }

    TestAllocator& allocator_;
    std::mt19937 random_;
    Owned message_;
    std::string body_;
    std::string header_;
};

TEST(MessageModel, BehavesLikeTwoStringsWhateverIsDoneToIt) {
    TestAllocator allocator;
    for (unsigned seed = 0; seed < support::rounds(10); ++seed) {
        Model model(allocator, seed);
        for (int i = 0; i < 100'000; ++i) {
            model.step();
            if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << i;
        }
        allocator.fail_no_more();
    }
}

}  // namespace
}  // namespace naio
