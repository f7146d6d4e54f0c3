{{/*
Rules of the users of Redis, by what the code of each process does (docs/adr/0011-namespaces-and-pod-security.md; a test
holds them to it). Functions and scripts run with the rights of who calls them, so the commands inside count. Only the
operator may load functions: whoever could would have the others run his code.
*/}}
{{- define "autoweave.redis.acl" -}}
{{- /* By category: client|setinfo, which clients send, is unknown to a Redis older than 7.2, which would not start. */ -}}
{{- $connection := "+@connection -@admin -@dangerous +info +multi +exec +discard" -}}
{{- $stream := "+xadd +get +set" -}}
{{- $queue := "+eval +evalsha +script|load +del +unlink +exists +type +rename +persist +pexpire +pexpireat +pttl +time +get +set +incr +incrby +hget +hset +hmget +hmset +hgetall +hdel +hexists +hincrby +hlen +lindex +llen +lpop +lpos +lpush +lrange +lrem +lset +ltrim +rpop +rpoplpush +rpush +sadd +scard +sismember +smembers +srem +xadd +xdel +xlen +xrange +xtrim +zadd +zcard +zcount +zlexcount +zpopmin +bzpopmin +zrange +zrangebylex +zrangebyscore +zrem +zremrangebyrank +zremrangebyscore +zrevrange +zrevrangebyscore +zscore" -}}
{{- /* Nobody can be it, but the append-only file is loaded with its rights, and what these forbid is left out without a
word: https://github.com/redis/redis/issues/14541, https://github.com/valkey-io/valkey/issues/3983. To be locked when the
oldest versions that we take have that mended. */ -}}
user default off resetpass allkeys allchannels +@all
user probe on nopass resetkeys resetchannels -@all +ping
user operator on #{{ include "autoweave.redis.userPassword" (dict "root" . "user" "operator") | sha256sum }} resetchannels -@all {{ $connection }} {{ $queue }} +fcall +fcall_ro +function|load +expire +mget +scan +smove +sunion +hkeys +xack +xclaim +xautoclaim +xgroup|create +xinfo|groups +xpending +xreadgroup ~bull:* ~aw:* ~{aw:hotplug}* ~{aw:results}* ~{aw:rooms}*
user agent on #{{ include "autoweave.redis.userPassword" (dict "root" . "user" "agent") | sha256sum }} resetchannels -@all {{ $connection }} {{ $stream }} +wait +fcall +fcall_ro ~aw:hotplug ~{aw:hotplug}:seq:*
user executor on #{{ include "autoweave.redis.userPassword" (dict "root" . "user" "executor") | sha256sum }} resetchannels -@all {{ $connection }} {{ $queue }} +fcall +fcall_ro +expire +hkeys ~bull:lane-* ~aw:executor:* ~aw:executors ~aw:results ~{aw:results}:* ~aw:store:* %R~aw:bundle:*
{{- if .Values.redis.intakeUser.enabled }}
user intake on #{{ include "autoweave.redis.userPassword" (dict "root" . "user" "intake") | sha256sum }} resetchannels -@all {{ $connection }} {{ $queue }} +xread ~bull:usb-events:* ~bull:plugin-jobs:* ~bull:llm-batch:* ~bull:system-maintenance:*
{{- end }}
{{- end }}
