// An intrusive doubly linked list: the links are members of the elements, so the list allocates no memory.
// Not thread-safe: the owner of a list guards it.
//
// Invariants:
//  1. An element derives from ListNode and is in at most one list.
//  2. An unlinked node points to itself, so that unlinking twice is harmless.
#pragma once

namespace naio {

class ListNode {
  public:
    ListNode() noexcept = default;
    ListNode(const ListNode&) = delete;
    ListNode& operator=(const ListNode&) = delete;

    [[nodiscard]] bool linked() const noexcept { return next_ != this; }

    void unlink() noexcept {
        previous_->next_ = next_;
        next_->previous_ = previous_;
        next_ = previous_ = this;
    }

  private:
    template <class T>
    friend class List;
    ListNode* next_ = this;
    ListNode* previous_ = this;
};

template <class T>
class List {
  public:
    [[nodiscard]] bool empty() const noexcept { return head_.next_ == &head_; }

    [[nodiscard]] T* front() noexcept { return empty() ? nullptr : static_cast<T*>(head_.next_); }
    [[nodiscard]] const T* front() const noexcept { return empty() ? nullptr : static_cast<const T*>(head_.next_); }

    void push_front(T& element) noexcept { link(element, head_.next_); }
    void push_back(T& element) noexcept { link(element, &head_); }

    T* pop_front() noexcept {
        T* first = front();
        if (first != nullptr) first->unlink();
        return first;
    }

    // Moves all elements of `other` to the end of this list.
    void take(List& other) noexcept {
        if (other.empty()) return;
        ListNode* first = other.head_.next_;
        ListNode* last = other.head_.previous_;
        other.head_.next_ = other.head_.previous_ = &other.head_;
        first->previous_ = head_.previous_;
        head_.previous_->next_ = first;
        last->next_ = &head_;
        head_.previous_ = last;
    }

    // Returns the element after `element`, or nullptr at the end.
    [[nodiscard]] T* after(T& element) noexcept {
        ListNode* next = static_cast<ListNode&>(element).next_;
        return next == &head_ ? nullptr : static_cast<T*>(next);
    }
    [[nodiscard]] const T* after(const T& element) const noexcept {
        const ListNode* next = static_cast<const ListNode&>(element).next_;
        return next == &head_ ? nullptr : static_cast<const T*>(next);
    }

  private:
    static void link(ListNode& node, ListNode* before) noexcept {
        node.next_ = before;
        node.previous_ = before->previous_;
        before->previous_->next_ = &node;
        before->previous_ = &node;
    }

    ListNode head_;
};

}  // namespace naio
