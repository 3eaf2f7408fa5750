// Duel: two parties that meet at one operation. In each round two threads act on each of many handles at the same time,
// one thread for each party.
#pragma once

#include <nng/nng.h>

#include <ostream>
#include <string>
#include <vector>

#include "courier.h"
#include "provider.h"
#include "subject.h"
#include "support/gate.h"

namespace race {

enum class Party {
    kFinish,
    kCancel,
    kAbort,
    kExpire,  // the operation's own deadline, which passes while the other party acts
    kStop,
    kFree,
    kReap,
    kWait,
    kStart,             // starts the operation; without this party, the operation is in flight when the round begins
    kRestart,           // the operation is finished, and its callback starts another operation
    kRestartAndCancel,  // as kRestart, and the callback cancels the new operation
    kRestartAndStop,
    kRestartAndReap,
    kRestartAndFree,
};
[[nodiscard]] const char* name(Party party);

struct Pair {
    Party left;
    Party right;
};
[[nodiscard]] std::string name(const Pair& pair);
inline void PrintTo(const Pair& pair, std::ostream* out) { *out << name(pair); }

class Duel {
  public:
    Duel(const Pair& pair, Style style);
    ~Duel();

    void fight(unsigned rounds);

    [[nodiscard]] unsigned long operations() const;

  private:
    void set_up();
    void walk(unsigned walker, Random& random);
    void settle();
    void come_to_rest(Subject& subject);

    void open(Subject& subject);
    void act(Party party, Subject& subject);
    void call_back(Party party, Subject& subject, nng_err result);
    void await_deadline(Random& random) const;

    [[nodiscard]] bool has(Party party) const { return pair_.left == party || pair_.right == party; }
    [[nodiscard]] bool is_timed() const;
    [[nodiscard]] Limit limit(Subject& subject) const;
    [[nodiscard]] Limit next_limit(Subject& subject) const;

    static constexpr unsigned kHandles = 64;

    const Pair pair_;
    std::vector<Subject> subjects_{kHandles};
    Provider provider_;
    Courier courier_;  // destroyed before provider_ and subjects_, which its last letters name
    nng_time deadline_ = 0;
    support::Pace pace_;
    Random random_{1};
};

}  // namespace race
