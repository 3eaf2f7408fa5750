// Groups: several operations that run side by side, as one operation. See naio.hpp, and naio.h for the rule that groups
// follow.
#ifndef NAIO_GROUP_HPP
#define NAIO_GROUP_HPP

#include <concepts>
#include <cstddef>
#include <memory>
#include <naio/operation.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

namespace naio {

// The goal of a group: `need` members have completed or, if `success` is true, completed without error. When the group
// has reached the goal, or cannot reach it any more, it asks the other members to end with the types in `ask`. If
// `need` is above the number of members, the group's result is NNG_EINVAL, and no member is started.
struct group_rule {
    unsigned need;
    bool success = false;
    cancel ask = cancel::all;
};

namespace detail {

struct free_group {
    void operator()(naio_group* group) const noexcept { naio_group_free(group); }
};

}  // namespace detail

// Operations that run side by side, as one operation. The result of this operation is that of naio_group_start: NNG_OK
// if the goal was reached, and the number of members that succeeded as the count. To look at the members, give the
// group a name:
//
//     auto race = read || naio::sleep_for(5s);
//     co_await race;
//     if (race.order(0) == 1) ...  // the sleep was first
//
// The object can be started again; memory is allocated once. If there is no memory, the result is NNG_ENOMEM.
// NULL: fatal. Memory: the object must live, and not move, while the group runs.
template <operation... Ops>
class group_op : public operation_base {
  public:
    static constexpr unsigned members = sizeof...(Ops);
    static_assert(members > 0);

    // Makes a group of the operations `ops`, which it owns, with the goal `rule`. See group.
    // Throws: what the moves of the operations throw.
    explicit group_op(group_rule rule, Ops... ops) : rule_(rule), operations_(std::move(ops)...) {}

    // Starts all members. When the goal is reached or out of reach, the group asks the other members to end. The
    // operation on `aio` ends when all members have completed. If the start of a member throws, the program ends.
    // Throws: nothing.
    void start(nng_aio* aio) {
        launched_ = false;
        if (!allocate()) return detail::fail(aio, NNG_ENOMEM);
        const unsigned flags = rule_.success ? NAIO_GROUP_SUCCESS : 0u;
        // If the start is refused, the thread that waits for the aio may have destroyed this object already.
        if (!naio_group_start(group_.get(), aio, rule_.need, flags, bits(rule_.ask))) return;
        launch(std::index_sequence_for<Ops...>());
    }

    // Returns the result of member i (counted from 0), also if the member has ended after the goal was reached.
    // NNG_ESTATE if the members were not started. Valid when the group has completed, until it is started again.
    result member(unsigned i) const noexcept { return launched_ ? result_of(member_aio(i)) : result{NNG_ESTATE}; }

    // Returns member i's aio, which has the member's outputs and its message. A member that was not the first may have
    // received a message, too. Valid when member() is valid, if member i was started.
    // Memory: the aio lives as long as this object.
    nng_aio* member_aio(unsigned i) const noexcept { return naio_group_aio(group_.get(), i); }

    // Returns the number of the member that was the i-th to complete, both counted from 0; UINT_MAX if there was none.
    // Valid when member() is valid.
    unsigned order(unsigned i) const noexcept { return launched_ ? naio_group_order(group_.get(), i) : ~0u; }

    // Returns member i's operation, for instance a group within this one.
    // Memory: the operation stays this object's, unless the member is a std::ref.
    template <std::size_t i>
    auto& get() noexcept {
        return detail::target(std::get<i>(operations_));
    }

  private:
    bool allocate() noexcept {
        if (group_ != nullptr) return true;
        naio_group* group = nullptr;
        if (naio_group_alloc(&group, members) != NNG_OK) return false;
        group_.reset(group);
        return true;
    }

    // A start reports errors through its aio. If a start throws, the program ends, because the group would wait for its
    // members forever.
    template <std::size_t... i>
    void launch(std::index_sequence<i...> /*all*/) noexcept {
        launched_ = true;
        naio_group* const group = group_.get();
        (get<i>().start(naio_group_aio(group, static_cast<unsigned>(i))), ...);
        naio_group_seal(group);  // until here the group cannot complete; afterwards this object may be gone
    }

    group_rule rule_;
    std::tuple<Ops...> operations_;
    std::unique_ptr<naio_group, detail::free_group> group_;
    bool launched_ = false;
};

namespace detail {

template <class... Ops>
struct destroyed_twice<group_op<Ops...>> : std::disjunction<destroyed_twice<Ops>...> {};

// An operation that can be moved or copied into a group.
template <class Op>
concept groupable = operation<Op> && std::constructible_from<std::decay_t<Op>, Op>;

// True if Op is an operation of naio or refers to one. && and || make groups only if one operand is such an operation.
template <class Op>
inline constexpr bool is_own = std::derived_from<std::remove_cvref_t<std::unwrap_ref_decay_t<Op>>, operation_base>;
template <class B, class A>
concept groupable_with =
    groupable<A> && groupable<B> && std::disjunction_v<std::bool_constant<is_own<A>>, std::bool_constant<is_own<B>>>;

}  // namespace detail

// Makes a group of the operations `ops` with the goal `rule`.
// Memory: rvalues are moved into the group, lvalues are copied, and an operation in a std::ref stays where it is, and
// must live until the group has completed. Throws: what the moves and copies throw.
template <detail::groupable... Ops>
[[nodiscard]] group_op<std::decay_t<Ops>...> group(group_rule rule, Ops&&... ops) {
    return group_op<std::decay_t<Ops>...>(rule, std::forward<Ops>(ops)...);
}

// Makes a group that waits for all of the operations `ops`, whatever their results.
// Memory: as group. Throws: as group.
template <detail::groupable... Ops>
[[nodiscard]] auto when_all(Ops&&... ops) {
    return group({.need = sizeof...(Ops)}, std::forward<Ops>(ops)...);
}

// Makes a group that waits for the first of the operations `ops` to end, whatever its result, and asks the others to
// end.
// Memory: as group. Throws: as group.
template <detail::groupable... Ops>
[[nodiscard]] auto when_any(Ops&&... ops) {
    return group({.need = 1}, std::forward<Ops>(ops)...);
}

// Makes a group that waits for both `a` and `b`, or for the first error, and then asks the other operation to end. Both
// are always started. One of the operands must be, or refer to, an operation_base, so that && and || of other types
// keep their meaning.
// Memory: as group. Throws: as group.
template <class A, detail::groupable_with<A> B>
[[nodiscard]] auto operator&&(A&& a, B&& b) {
    return group({.need = 2, .success = true}, std::forward<A>(a), std::forward<B>(b));
}

// Makes a group that waits for the first of `a` and `b` to end, whatever its result, and asks the other to end. Both
// are always started.
// Memory: as group. Throws: as group.
template <class A, detail::groupable_with<A> B>
[[nodiscard]] auto operator||(A&& a, B&& b) {
    return group({.need = 1}, std::forward<A>(a), std::forward<B>(b));
}

}  // namespace naio

#endif
