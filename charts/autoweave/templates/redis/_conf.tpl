{{- define "autoweave.redis.conf" -}}
port 6379
dir /data
# Nothing may be lost: every write goes to the append-only file, and nothing is evicted.
appendonly yes
appendfsync everysec
save ""
maxmemory {{ .Values.redis.maximumMemory }}
maxmemory-policy noeviction
aclfile /etc/autoweave-redis/users/users.acl
# Nobody gets in without a password; the user probe may only PING.
protected-mode no
tcp-keepalive 60
# Who asks for more than it reads is disconnected, before Redis runs out of memory for its answers.
client-output-buffer-limit normal 64mb 32mb 10
{{- end }}
