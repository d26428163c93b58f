#include "common/redis/connect.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include <boost/asio/this_coro.hpp>

#include "common/base/error_detail.h"
#include "common/base/status.h"
#include "common/net/dial.h"
#include "common/redis/error.h"

namespace mailhaul::redis {
namespace {

using Stream = std::unique_ptr<net::ByteStream>;

Task<absl::StatusOr<Stream>> Dial(const Address& address, Deadline deadline) {
  if (!address.unix_path.empty()) co_return co_await net::DialUnix(address.unix_path, deadline);
  CO_ASSIGN_OR_RETURN(Stream plain, co_await net::DialTcp(address.host, address.port, deadline));
  if (!address.tls) co_return plain;
  co_return co_await net::StartTls(std::move(plain), *address.tls, deadline);
}

// A command of the greeting, which must be answered with OK.
Task<absl::Status> Greet(Connection& connection, Args args, Deadline deadline) {
  CO_ASSIGN_OR_RETURN(const Reply reply, co_await connection.Call(args, deadline));
  if (reply.kind == Reply::Kind::kError) co_return ErrorFromReply(reply.text);
  co_return absl::OkStatus();
}

Task<absl::Status> LogIn(Connection& connection, const Address& address, Deadline deadline) {
  if (!address.password.empty()) {
    Args auth = {"AUTH"};
    if (!address.user.empty()) auth.push_back(address.user);
    auth.emplace_back(address.password.Reveal());
    CO_RETURN_IF_ERROR(co_await Greet(connection, std::move(auth), deadline));
  }
  if (address.database != 0) {
    Args select = {"SELECT", absl::StrCat(address.database)};
    CO_RETURN_IF_ERROR(co_await Greet(connection, std::move(select), deadline));
  }
  co_return absl::OkStatus();
}

absl::Status AsUnreachable(const absl::Status& status) {
  if (!absl::IsNotFound(status) && !absl::IsDeadlineExceeded(status)) return status;
  return absl::UnavailableError(status.message());
}

}  // namespace

Task<absl::StatusOr<std::shared_ptr<Connection>>> Connect(Address address, Deadline deadline) {
  absl::StatusOr<Stream> stream = co_await Dial(address, deadline);
  if (!stream.ok()) co_return NameServer(address, AsUnreachable(stream.status()));
  const auto executor = co_await boost::asio::this_coro::executor;
  auto connection = std::make_shared<Connection>(executor, *std::move(stream));
  const absl::Status logged_in = co_await LogIn(*connection, address, deadline);
  if (!logged_in.ok()) co_return NameServer(address, AsUnreachable(logged_in));
  co_return connection;
}

absl::Status NameServer(const Address& address, const absl::Status& status) {
  return Annotate(status, absl::StrCat("redis ", Describe(address)));
}

}  // namespace mailhaul::redis
