#include "aio/word_text.h"

#include <cstdio>
#include <cstring>

namespace naio::word {

Text describe(Word w) noexcept {
    struct Name {
        Flag flag;
        const char* text;
    };
    static constexpr Name kNames[] = {
        {kPending, "PENDING "},     {kDone, "DONE "},       {kStarting, "STARTING "}, {kRunning, "RUNNING "},
        {kCanceling, "CANCELING "}, {kReaping, "REAPING "}, {kStopped, "STOPPED "},   {kClosed, "CLOSED "},
        {kDoomed, "DOOMED "},       {kWaited, "WAITED "},
    };
    Text text{};
    std::size_t length = 0;
    for (const Name& name : kNames) {
        if ((w & name.flag) == 0) continue;
        std::memcpy(&text[length], name.text, std::strlen(name.text));
        length += std::strlen(name.text);
    }
    if (!busy(w)) {
        std::memcpy(&text[length], "idle ", 5);
        length += 5;
    }
    std::snprintf(&text[length - 1], text.size() - length, ", operation %u", operation(w));
    return text;
}

}  // namespace naio::word
