local conditions = {}
for _, condition in ipairs((obj.status or {}).conditions or {}) do
  conditions[condition.type] = condition
end

local ready = conditions.Ready
if ready ~= nil and (ready.observedGeneration or 0) < (obj.metadata.generation or 1) then
  return { status = "Progressing", message = "Waiting for the operator" }
end
if conditions.Stalled ~= nil and conditions.Stalled.status == "True" then
  return { status = "Degraded", message = conditions.Stalled.message }
end
if ready ~= nil and ready.status ~= "True" then
  return { status = "Degraded", message = ready.message }
end
-- A policy is in force once it is there; conditions come only with something to say.
return { status = "Healthy", message = ready ~= nil and ready.message or "In force" }
