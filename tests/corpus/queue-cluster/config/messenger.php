<?php

return static function ($framework): void {
    $framework->messenger()
        ->transport('default')->dsn('%env(file:MESSENGER_TRANSPORT_DSN_FILE)%')
        ->retryStrategy()->maxRetries(5)->multiplier(3);
    $framework->secret('%env(APP_SECRET)%');
};
