-- Everything that LÖVE games draw with, moving by frames and not by time, so that two runs are the same pixel for pixel.
local frame, image, batch, font, shader, mesh, canvas, particles = 0

function love.load()
    love.math.setRandomSeed(7)
    local data = love.image.newImageData(64, 64)
    data:mapPixel(function(x, y) return x / 64, y / 64, (x * y % 16) / 16, 1 end)
    image = love.graphics.newImage(data)
    batch = love.graphics.newSpriteBatch(image, 200)
    font = love.graphics.newFont(18)
    shader = love.graphics.newShader [[
        uniform float phase;
        vec4 effect(vec4 colour, Image texture, vec2 at, vec2 screen) {
            return Texel(texture, at + vec2(sin(at.y * 9.0 + phase) * 0.1, 0.0)) * colour;
        }]]
    mesh = love.graphics.newMesh({ { 0, 0, 0, 0, 1, 0, 0 }, { 90, 0, 1, 0, 0, 1, 0 }, { 45, 80, 0.5, 1, 0, 0, 1 } }, "fan")
    mesh:setTexture(image)
    canvas = love.graphics.newCanvas(100, 100)
end

function love.draw()
    frame = frame + 1
    love.graphics.clear(0.1, 0.2, 0.3)
    batch:clear()
    for i = 1, 150 do
        batch:add((i * 37 + frame * 3) % 600, (i * 53 + frame) % 340, frame * 0.02 + i, 0.5)
    end
    love.graphics.draw(batch)
    love.graphics.setCanvas(canvas)
    love.graphics.clear(0, 0, 0, 0)
    love.graphics.circle("fill", 50, 50, 10 + frame % 40)
    love.graphics.setCanvas()
    love.graphics.setBlendMode("alpha", "premultiplied")
    love.graphics.draw(canvas, 20 + frame % 200, 200)
    love.graphics.setBlendMode("alpha")
    shader:send("phase", frame * 0.1)
    love.graphics.setShader(shader)
    love.graphics.draw(image, 300, 100, 0, 2)
    love.graphics.setShader()
    love.graphics.draw(mesh, 450, 50 + frame % 100)
    love.graphics.setFont(font)
    -- New glyphs go on being uploaded into the font's texture.
    love.graphics.print("frame " .. frame .. " " .. string.char(33 + frame % 90, 33 + (frame * 7) % 90), 10, 10)
    love.graphics.setScissor(200, 250, 100, 60)
    love.graphics.rectangle("fill", 0, 0, 640, 360)
    love.graphics.setScissor()
end
