local ready, conflicted
for _, condition in ipairs((obj.status or {}).conditions or {}) do
  if condition.type == "Ready" then
    ready = condition
  elseif condition.type == "Conflicted" then
    conflicted = condition
  end
end

if ready == nil or (ready.observedGeneration or 0) < (obj.metadata.generation or 1) then
  return { status = "Progressing", message = "Waiting for the operator" }
end
if conflicted ~= nil and conflicted.status == "True" then
  return { status = "Degraded", message = conflicted.message }
end
if ready.status ~= "True" and obj.spec ~= nil and obj.spec.expected == true then
  return { status = "Degraded", message = ready.message }
end
-- Devices come and go: one that is not expected may be away.
return { status = "Healthy", message = ready.message }
