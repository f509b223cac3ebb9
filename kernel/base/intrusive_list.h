// SPDX-License-Identifier: Apache-2.0
// A doubly linked list whose links stand inside the elements: no allocation, O(1) removal.
#pragma once

namespace tenon {

/// Base class of list elements. An element that can be in several lists has a base for each, with its own `Tag`.
template <typename Tag = void>
struct ListLink {
    ListLink* next = nullptr;
    ListLink* previous = nullptr;
    [[nodiscard]] bool linked() const { return next != nullptr; }
};

/// Does not own its elements. The caller locks.
template <typename T, typename Tag = void>
class IntrusiveList {
    using Link = ListLink<Tag>;

public:
    constexpr IntrusiveList() { head_.next = head_.previous = &head_; }
    IntrusiveList(const IntrusiveList&) = delete;
    IntrusiveList& operator=(const IntrusiveList&) = delete;

    [[nodiscard]] bool empty() const { return head_.next == &head_; }
    [[nodiscard]] T* front() { return empty() ? nullptr : static_cast<T*>(head_.next); }
    void push_back(T& element) { insert_before(&head_, &element); }
    void push_front(T& element) { insert_before(head_.next, &element); }
    /// Inserts `element` before the first one for which `after(existing)` holds; at the end if there is none.
    template <typename Predicate>
    void insert_before_first(T& element, Predicate&& after) {
        Link* position = head_.next;
        while (position != &head_ && !after(*static_cast<T*>(position))) position = position->next;
        insert_before(position, &element);
    }
    /// The first element for which `matches(element)` holds; null if there is none.
    template <typename Predicate>
    [[nodiscard]] T* find(Predicate&& matches) {
        T* found = nullptr;
        for (Link* link = head_.next; link != &head_ && found == nullptr; link = link->next)
            if (T* element = static_cast<T*>(link); matches(*element)) found = element;
        return found;
    }
    /// The element behind one that is in this list; null behind the last one.
    [[nodiscard]] T* behind(T& element) {
        Link* next = static_cast<Link&>(element).next;
        return next == &head_ ? nullptr : static_cast<T*>(next);
    }
    T* pop_front() {
        T* element = front();
        if (element != nullptr) remove(*element);
        return element;
    }
    /// `element` is in this list.
    static void remove(T& element) {
        Link& link = element;
        link.previous->next = link.next;
        link.next->previous = link.previous;
        link.next = link.previous = nullptr;
    }
    template <typename Visit>
    void for_each(Visit&& visit) {
        for (Link *link = head_.next, *next = nullptr; link != &head_; link = next) {
            next = link->next;
            visit(*static_cast<T*>(link));
        }
    }

private:
    static void insert_before(Link* position, Link* link) {
        link->next = position;
        link->previous = position->previous;
        position->previous->next = link;
        position->previous = link;
    }
    Link head_;
};

}  // namespace tenon
