#include "common/net/event.h"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mailhaul::net {

struct Event::Timer {
  boost::asio::steady_timer timer;
};

Event::Event(boost::asio::any_io_executor executor)
    : timer_(std::make_unique<Timer>(Timer{boost::asio::steady_timer(std::move(executor))})) {}

Event::~Event() = default;

void Event::Set() {
  set_ = true;
  timer_->timer.cancel();
}

Task<bool> Event::Wait(Deadline deadline) {
  if (!set_) {
    timer_->timer.expires_at(deadline.time());
    co_await timer_->timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  co_return set_;
}

}  // namespace mailhaul::net
