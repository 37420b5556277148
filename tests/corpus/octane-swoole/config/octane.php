<?php

use Laravel\Octane\Events\RequestReceived;
use Laravel\Octane\Octane;

return [
    'server' => env('OCTANE_SERVER', 'roadrunner'),
    'https' => env('OCTANE_HTTPS', false),
    'listeners' => [
        RequestReceived::class => [
            ...Octane::prepareApplicationForNextOperation(),
            ...Octane::prepareApplicationForNextRequest(),
        ],
    ],
    'warm' => [...Octane::defaultServicesToWarm()],
    'swoole' => ['options' => ['package_max_length' => 10 * 1024 * 1024]],
    'max_execution_time' => (int) env('OCTANE_MAX_EXECUTION_TIME', 30),
];
