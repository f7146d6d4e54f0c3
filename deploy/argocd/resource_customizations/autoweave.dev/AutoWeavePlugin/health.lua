local status = obj.status or {}

if (status.observedGeneration or 0) < (obj.metadata.generation or 1) then
  return { status = "Progressing", message = "Waiting for the operator" }
end

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function holds(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end

if holds("Stalled") then
  return { status = "Degraded", message = conditions.Stalled.message }
end
if holds("Reconciling") then
  return { status = "Progressing", message = conditions.Reconciling.message }
end
if holds("Ready") then
  return { status = "Healthy", message = conditions.Ready.message }
end
if obj.spec ~= nil and obj.spec.suspend == true then
  return { status = "Suspended", message = "spec.suspend is true" }
end
if conditions.Ready ~= nil then
  return { status = "Degraded", message = conditions.Ready.message }
end
return { status = "Progressing", message = "Waiting for the operator" }
