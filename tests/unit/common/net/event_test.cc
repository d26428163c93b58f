#include "common/net/event.h"

#include <gtest/gtest.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/support/run_task.h"

namespace mailhaul::net {
namespace {

using boost::asio::experimental::awaitable_operators::operator&&;

Deadline Soon() { return Deadline::After(std::chrono::seconds(10)); }

Task<void> SetBeforehand() {
  Event event(co_await boost::asio::this_coro::executor);
  event.Set();
  EXPECT_TRUE(co_await event.Wait(Soon()));
  EXPECT_TRUE(co_await event.Wait(Soon())) << "it stays set";
  EXPECT_TRUE(co_await event.Wait(Deadline::After(-std::chrono::hours(1))));
}

TEST(EventTest, AnEventThatIsSetNeedsNoWait) { support::RunTask(SetBeforehand()); }

Task<void> SetLater(Event& event) {
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
  event.Set();
}

Task<void> SetMeanwhile() {
  Event event(co_await boost::asio::this_coro::executor);
  for (int round = 0; round < 3; ++round) {
    const bool woken = co_await (event.Wait(Soon()) && SetLater(event));
    EXPECT_TRUE(woken);
    event.Reset();
    EXPECT_FALSE(event.is_set());
  }
}

TEST(EventTest, SettingItWakesTheWaiterEveryTime) { support::RunTask(SetMeanwhile()); }

Task<void> NeverSet() {
  Event event(co_await boost::asio::this_coro::executor);
  EXPECT_FALSE(co_await event.Wait(Deadline::After(std::chrono::milliseconds(5))));
  EXPECT_FALSE(co_await event.Wait(Deadline::After(-std::chrono::hours(1))));
  event.Set();
  event.Reset();
  EXPECT_FALSE(co_await event.Wait(Deadline::After(std::chrono::milliseconds(5))));
}

TEST(EventTest, AWaitEndsByItsDeadline) { support::RunTask(NeverSet()); }

}  // namespace
}  // namespace mailhaul::net
