#include "common/redis/reply_parser.h"

#include <hiredis/hiredis.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mailhaul::redis {
namespace {

using Kind = Reply::Kind;

// Where a new element goes: to the end of the array being read, or into a Reply of its own. Arrays
// are read depth first, so no pointer to an element is in use when its array grows.
Reply* Place(const redisReadTask* task) {
  size_t& elements_left = *static_cast<size_t*>(task->privdata);
  if (elements_left == 0) return nullptr;  // hiredis reports it as out of memory
  --elements_left;
  if (task->parent == nullptr) return new Reply;
  return &static_cast<Reply*>(task->parent->obj)->items.emplace_back();
}

Kind KindOf(int type) {
  switch (type) {
    case REDIS_REPLY_STATUS:
      return Kind::kStatus;
    case REDIS_REPLY_ERROR:
      return Kind::kError;
    default:
      return Kind::kString;
  }
}

void* CreateString(const redisReadTask* task, char* text, size_t size) {
  Reply* const reply = Place(task);
  if (reply == nullptr) return nullptr;
  reply->kind = KindOf(task->type);
  reply->text.assign(text, size);
  return reply;
}

void* CreateArray(const redisReadTask* task, int /*announced*/) {
  // Nothing is reserved: the number announced may be a lie.
  Reply* const reply = Place(task);
  if (reply != nullptr) reply->kind = Kind::kArray;
  return reply;
}

void* CreateInteger(const redisReadTask* task, long long value) {
  Reply* const reply = Place(task);
  if (reply == nullptr) return nullptr;
  reply->kind = Kind::kInteger;
  reply->integer = value;
  return reply;
}

void* CreateNil(const redisReadTask* task) { return Place(task); }

void FreeReply(void* reply) { delete static_cast<Reply*>(reply); }

redisReplyObjectFunctions kFunctions = {CreateString, CreateArray, CreateInteger, CreateNil,
                                        FreeReply};

}  // namespace

std::string FormatCommand(const Args& args) {
  std::vector<const char*> words;
  std::vector<size_t> sizes;
  words.reserve(args.size());
  sizes.reserve(args.size());
  for (const std::string& arg : args) {
    words.push_back(arg.data());
    sizes.push_back(arg.size());
  }
  char* formatted = nullptr;
  const int size =
      redisFormatCommandArgv(&formatted, static_cast<int>(args.size()), words.data(), sizes.data());
  std::string command(formatted, size < 0 ? 0 : static_cast<size_t>(size));
  redisFreeCommand(formatted);
  return command;
}

void ReplyParser::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

ReplyParser::ReplyParser(Limits limits)
    : limits_(limits),
      elements_left_(limits.elements),
      reader_(redisReaderCreateWithFunctions(&kFunctions)) {
  reader_->privdata = &elements_left_;
}

ReplyParser::~ReplyParser() = default;

absl::Status ReplyParser::Feed(absl::string_view octets) {
  if (reader_->len - reader_->pos + octets.size() > limits_.unparsed_octets) {
    return absl::DataLossError("a reply is longer than any that Redis sends us");
  }
  if (redisReaderFeed(reader_.get(), octets.data(), octets.size()) != REDIS_OK) {
    return absl::DataLossError(reader_->errstr);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Reply>> ReplyParser::Next() {
  void* parsed = nullptr;
  if (redisReaderGetReply(reader_.get(), &parsed) != REDIS_OK) {
    return absl::DataLossError(absl::StrCat("not a Redis reply: ", reader_->errstr));
  }
  if (parsed == nullptr) return std::nullopt;
  const std::unique_ptr<Reply> reply(static_cast<Reply*>(parsed));
  elements_left_ = limits_.elements;
  return std::move(*reply);
}

}  // namespace mailhaul::redis
